// Teachable Machine: exports loaded and run, classifiers trained in the page, and how well they do.

export { loadAudio } from './audio.js';
export { createAudioTrainer } from './audio-trainer.js';
export { compareReports } from './compare-reports.js';
export { evaluate } from './evaluate.js';
export { loadImage } from './image.js';
export { createImageTrainer } from './image-trainer.js';
export { loadPose } from './pose.js';
export { createPoseTrainer } from './pose-trainer.js';
export { drawComparison, drawReport } from './report-svg.js';
export * as tmImage from './tm-image.js';
export * as tmPose from './tm-pose.js';
