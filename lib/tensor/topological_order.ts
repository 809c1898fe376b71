/**
 * The topological order of a graph.
 *
 * @module
 */

/**
 * Lists all nodes that a node depends on, each after those that it was computed from.
 *
 * @param root The node.
 * @param inputsOf Returns the nodes that a node was computed from.
 * @returns The nodes, `root` last.
 */
export function topologicalOrder<Node>(
  root: Node,
  inputsOf: (node: Node) => readonly Node[],
): Node[] {
  const order = new Set<Node>();
  const visited = new Set<Node>();
  const stack = [root]; // no recursion: a chain of ops may be deeper than the call stack
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    if (visited.has(node)) {
      order.add(node);
      stack.pop();
      continue;
    }
    visited.add(node);
    stack.push(...inputsOf(node).toReversed());
  }
  return [...order];
}
