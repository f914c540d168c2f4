// Frames of a video that is none: a face of a photograph, slowly moved, zoomed and turned on a canvas, the same at every run.

const [WIDTH, HEIGHT] = [640, 480];

/**
 * @param {CanvasImageSource} photo
 * @param {{ x: number, y: number, size: number }} face  in pixels of the photograph: its middle and its height.
 */
export function createFrames(photo, face) {
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  return {
    canvas,
    /** @param {number} i  of the frame, at 30 a second. */
    show(i) {
      const t = i / 30;
      const zoom = ((HEIGHT * 0.5) / face.size) * (1 + 0.2 * Math.sin(t * 0.7));
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, WIDTH, HEIGHT);
      context.translate(WIDTH / 2 + 80 * Math.sin(t * 0.9), HEIGHT / 2 + 40 * Math.sin(t * 1.3));
      context.rotate(0.3 * Math.sin(t * 0.5));
      context.scale(zoom, zoom);
      context.drawImage(photo, -face.x, -face.y);
      return canvas;
    },
  };
}
