// Keeps the open segments of several workers near to one another: segments are pruned and grouped by number, which has
// to stay close to the order of time. Pure.

/** So many segments for each worker may begin after one that is still open. */
const MOST_LATER = 4;
/** The one being written, and two that wait to be ended. */
const IN_HAND = 3;

/** Whether a worker should end its open segment. @param open the number of each worker's open segment, or 0 */
export function isLeftBehind(own: number, open: Int32Array): boolean {
  return own !== 0 && own + MOST_LATER * open.length < Math.max(...open);
}

/** So many of the newest segments the workers may still be at. */
export function planInHand(workers: number): number {
  return workers === 1 ? IN_HAND : workers * (MOST_LATER + IN_HAND);
}
