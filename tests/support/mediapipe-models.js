export { mediapipeModel, mediapipeModels } from '../../demo/assets/mediapipe.js';
