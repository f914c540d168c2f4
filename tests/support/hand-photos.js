// Hands on the photographs, and frames cut around them.

import { cutFrame } from './frames.js';
import { readPhotos } from './photos.js';

/**
 * Middles of the backs of the hands, marked by eye in pixels of the photographs, which are 1920 wide. hand: the person's own, where the
 * picture shows whose arm it is and on which side the thumb.
 * @type {{ photo: number, x: number, y: number, hand?: 'Left' | 'Right' }[]}
 */
export const MARKED_HANDS = [
  { photo: 1, x: 300, y: 390, hand: 'Right' },
  { photo: 1, x: 1330, y: 795, hand: 'Left' },
  { photo: 1, x: 410, y: 1165 },
  { photo: 1, x: 895, y: 1110 },
  { photo: 3, x: 790, y: 525, hand: 'Right' },
  { photo: 3, x: 830, y: 790 },
  { photo: 3, x: 1210, y: 905 },
  { photo: 4, x: 1310, y: 1190, hand: 'Left' },
  { photo: 5, x: 1360, y: 1380 },
];

export const VGA = { width: 640, height: 480 };

/**
 * What a camera sees that is turned to a hand.
 * @param {{ photo: number, x: number, y: number }} hand
 * @param {{ zoom?: number, rotation?: number, right?: number, down?: number, mirrored?: boolean }} [view]  zoom: pixels of the frame for one
 *   of the photograph; rotation: of the camera, in radians; right, down: from the hand to the middle of the frame, in pixels of the photograph.
 */
export async function frameOfHand({ photo, x, y }, { zoom = 1, rotation = 0, right = 0, down = 0, mirrored = false } = {}) {
  const { image } = (await readPhotos())[photo];
  const region = { xCenter: x + right, yCenter: y + down, width: VGA.width / zoom, height: VGA.height / zoom, rotation };
  const size = { ...VGA, mirrored };
  return { image: cutFrame(image, region, size), region, size };
}
