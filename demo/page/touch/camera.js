// The camera: its stream, its frames, and what to tell somebody who has none.

/** @type {Record<string, string>} by the name of the error */
const REASONS = {
  NotAllowedError: 'The camera was refused. Allow it in the address bar or in the settings of the browser, then try again.',
  NotFoundError: 'No camera was found. Plug one in, then try again.',
  OverconstrainedError: 'No camera here has the size that is needed.',
  NotReadableError: 'Another program uses the camera. Close that program, then try again.',
};

/** What a person reads. @param {unknown} error */
export function cameraMessage(error) {
  if (!window.isSecureContext) return 'Browsers give a camera to secure pages only: open this page by https.';
  if (!navigator.mediaDevices?.getUserMedia) return 'This browser has no camera for pages.';
  const { name, message } = /** @type {Error} */ (error);
  return REASONS[name] ?? `The camera did not start: ${message}`;
}

/** @param {HTMLVideoElement} video  shows the camera from now on. @returns {Promise<MediaStream>} */
export async function openCamera(video) {
  const wish = { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
  video.srcObject = stream;
  await video.play();
  return stream;
}

/**
 * Frames as they come; those that come while the last one is worked on are dropped. Ends with the stream or the signal.
 * @param {MediaStream} stream @param {HTMLVideoElement} video @param {AbortSignal} signal
 * @returns {AsyncGenerator<VideoFrame | ImageBitmap>}  the caller's: transferred or closed by it.
 */
export async function* frames(stream, video, signal) {
  const [track] = stream.getVideoTracks();
  const Processor = /** @type {any} */ (globalThis).MediaStreamTrackProcessor;
  if (Processor === undefined) {
    while (!signal.aborted && track.readyState === 'live') {
      await new Promise((resolve) => {
        if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(resolve);
        else setTimeout(resolve, 33);
      });
      if (!signal.aborted) yield await createImageBitmap(video);
    }
    return;
  }
  // Comes in a hidden tab too, where callbacks of the video stop.
  const reader = new Processor({ track, maxBufferSize: 1 }).readable.getReader();
  signal.addEventListener('abort', () => reader.cancel(), { once: true });
  while (!signal.aborted) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
