// The camera, as the clients of Teachable Machine have it: tmImage.Webcam, tmPose.Webcam.

import { XnnError } from '../../js/index.js';

/** The camera, as a square canvas. */
export class Webcam {
  /** @type {HTMLVideoElement | undefined} */
  webcam;
  /** @type {HTMLCanvasElement | undefined} */
  canvas;

  /** @param {number} [width] @param {number} [height] @param {boolean} [flip]  as in a mirror. */
  constructor(width = 400, height = 400, flip = false) {
    this.width = width;
    this.height = height;
    this.flip = flip;
  }

  /**
   * Asks for the camera.
   * @param {MediaTrackConstraints} [constraints]
   * @throws {XnnError} 'unsupported' without a camera interface; 'misuse' if the camera cannot be had, with the browser's error as its
   *   cause.
   */
  async setup(constraints = {}) {
    if (this.webcam !== undefined) return;
    if (globalThis.navigator?.mediaDevices?.getUserMedia === undefined)
      throw new XnnError('unsupported', 'this page cannot use a camera: it needs https and a browser with mediaDevices');
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user', frameRate: 24, width: 640, ...constraints } });
    } catch (error) {
      throw new XnnError('misuse', `the camera cannot be used: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    video.addEventListener('loadedmetadata', () => {
      video.width = video.videoWidth;
      video.height = video.videoHeight;
    });
    this.webcam = video;
    this.canvas = Object.assign(document.createElement('canvas'), { width: this.width, height: this.height });
  }

  async play() {
    await this.#video().play();
  }

  pause() {
    this.#video().pause();
  }

  /** Ends the camera; setup() starts it anew. */
  stop() {
    const video = this.#video();
    for (const track of /** @type {MediaStream} */ (video.srcObject).getTracks()) track.stop();
    video.srcObject = null;
    this.webcam = undefined;
  }

  /** Draws the camera's picture into the canvas: its middle, filled. */
  update() {
    const { canvas, webcam } = this;
    const context = canvas?.getContext('2d', { willReadFrequently: true });
    if (canvas === undefined || webcam === undefined || !context || webcam.videoWidth === 0) return;
    const scale = Math.max(this.width / webcam.videoWidth, this.height / webcam.videoHeight);
    const [width, height] = [webcam.videoWidth * scale, webcam.videoHeight * scale];
    context.setTransform(this.flip ? -1 : 1, 0, 0, 1, this.flip ? this.width : 0, 0);
    context.drawImage(webcam, (this.width - width) / 2, (this.height - height) / 2, width, height);
  }

  #video() {
    if (this.webcam === undefined) throw new XnnError('misuse', 'Webcam: call setup() first');
    return this.webcam;
  }
}
