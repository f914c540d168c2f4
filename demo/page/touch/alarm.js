// The warning: a tone while it lasts, a notification if the page is hidden.

/**
 * @param {{ sound: HTMLInputElement, notify: HTMLInputElement }} switches
 */
export function createAlarm({ sound, notify }) {
  /** @type {AudioContext | undefined} */
  let audio;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let repeating;

  /** Two short notes, falling. */
  function ring() {
    if (audio === undefined || !sound.checked) return;
    for (const [i, hertz] of [880, 660].entries()) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      const begin = audio.currentTime + i * 0.16;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(0.18, begin + 0.02);
      volume.gain.linearRampToValueAtTime(0, begin + 0.15);
      tone.connect(volume).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + 0.16);
    }
  }

  notify.addEventListener('change', async () => {
    if (!notify.checked) return;
    const granted = 'Notification' in window && (await Notification.requestPermission()) === 'granted';
    notify.checked = granted;
  });

  return {
    /** Inside a click: browsers let pages sound only after one. */
    prepare() {
      audio ??= 'AudioContext' in window ? new AudioContext() : undefined;
      audio?.resume();
    },
    /** @param {string} text */
    raise(text) {
      ring();
      clearInterval(repeating);
      repeating = setInterval(ring, 900);
      if (notify.checked && document.hidden) new Notification("Don't touch your face", { body: text, tag: 'touch' });
    },
    clear() {
      clearInterval(repeating);
    },
  };
}
