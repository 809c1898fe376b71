/**
 * Parts of an upload: account, repository, files.
 *
 * @module
 */
import type { HubFile } from "./client.ts";

/** A branch of a repository for a model. */
export interface Target {
  /** Owner and name: `user/name`. */
  readonly repo: string;
  /** The branch. */
  readonly branch: string;
}

/** The user of a token. */
export interface Account {
  /** The user's name. */
  readonly name: string;
  /** Names of the organizations that the user belongs to. */
  readonly organizations: readonly string[];
  /** Whether the token may only read. */
  readonly isReadOnly: boolean;
}

/** A file of a branch. */
export interface BranchFile extends HubFile {
  /** Whether the last commit of it was an upload of this client. */
  readonly isOurs: boolean;
}

/** A repository, with one of its branches. */
export interface Repository {
  /** Whether it is private. */
  readonly isPrivate: boolean;
  /** The branch's last commit; undefined if there is no such branch. */
  readonly head: string | undefined;
  /** The files of the branch, by path. */
  readonly files: ReadonlyMap<string, BranchFile>;
}

/** A local file to upload. */
export interface UploadFile {
  /** Path in the repository. */
  readonly path: string;
  /** URL of the local file. */
  readonly url: URL;
}
