/**
 * Errors of uploads: each status of the Hub, with its remedy.
 *
 * @module
 */
import { HubError } from "./client.ts";

/** Characters of the Hub's own message that an error shows. */
const MAX_MESSAGE = 300;

/** The upload that failed. */
export interface UploadContext {
  /** URL of the Hub. */
  readonly endpoint: string;
  /** Owner and name of the repository. */
  readonly repo: string;
  /** Name of the token's user, once it is known. */
  readonly user: string | undefined;
}

/**
 * Makes the error of a refused request.
 *
 * @param response The response.
 * @param context The upload.
 * @param isCreation Whether the request was to create the repository.
 * @param seconds Seconds until the next request is allowed, if they are known.
 * @returns The error.
 */
export async function uploadError(
  response: Response,
  { endpoint, repo, user }: UploadContext,
  isCreation: boolean,
  seconds: number | undefined,
): Promise<HubError> {
  const { status } = response;
  const owner = repo.split("/")[0];
  const token = user === undefined ? "HF_TOKEN" : `HF_TOKEN, of ${user},`;
  const said = await messageOf(response);
  const state = said ? `${status}: ${said}` : `${status}`;
  const tokens = `${endpoint}/settings/tokens`;
  const reasons: Record<number, string> = {
    400:
      `The Hub refuses the upload to ${repo} (${state}): correct what it names, and run the same command again`,
    401:
      `The Hub does not accept ${token} (${state}): make a token with the role write at ${tokens}`,
    403:
      `${token} may not write to ${repo} (${state}): use a token with the role write, of ${owner} or a member of it, from ${tokens}`,
    404: isCreation
      ? `The Hub has no user or organization ${owner} (${state}): check --repo`
      : `The Hub has no ${repo} (${state}): check --repo and --branch`,
    409: isCreation
      ? `${repo} is there, but ${token} may not see it (${state}): name another repository, or use a token that may read it`
      : changed(repo, state),
    412: changed(repo, state),
    413:
      `The Hub refuses a file for ${repo} as too large (${state}): remove what is not needed from the folder`,
    429:
      `Rate limit of the Hub reached (${state}): run the same command again ${
        seconds === undefined ? "later" : `after ${seconds} seconds`
      }`,
  };
  const host = URL.canParse(response.url) ? new URL(response.url).host : "";
  return new HubError(
    reasons[status] ??
      `${
        host || "The Hub"
      } responds with status ${state} to the upload to ${repo}: run the same command again later, it goes on where it stopped`,
    status,
  );
}

function changed(repo: string, state: string): string {
  return `${repo} was changed by somebody else during the upload (${state}): run the same command again`;
}

/** The Hub's own message, on one line; empty if it has none. */
async function messageOf(response: Response): Promise<string> {
  try {
    const { error } = await response.json();
    return typeof error === "string"
      ? error.replaceAll(/[\s\p{Cc}]+/gu, " ").trim().slice(0, MAX_MESSAGE)
      : "";
  } catch {
    return ""; // no JSON
  }
}
