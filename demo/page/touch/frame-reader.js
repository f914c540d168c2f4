// A frame's pixels, once for all that look at it.

/** @returns {(frame: VideoFrame | ImageBitmap) => { width: number, height: number, data: Uint8ClampedArray }}  closes the frame. */
export function createReader() {
  const canvas = new OffscreenCanvas(1, 1);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  return (frame) => {
    const [width, height] = 'displayWidth' in frame ? [frame.displayWidth, frame.displayHeight] : [frame.width, frame.height];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.drawImage(frame, 0, 0, width, height);
    frame.close();
    return context.getImageData(0, 0, width, height);
  };
}
