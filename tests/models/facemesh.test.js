import { createDetector } from '../../models/facemesh/detector.js';
import { landmarksInput } from '../../models/facemesh/landmarks.js';
import { regionOfDetection } from '../../models/facemesh/region.js';
import { wholeWindow } from '../../models/facemesh/windows.js';
import { testAgreement } from '../support/model-agreement.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';
import { loadReference } from '../support/reference.js';

testAgreement('facemesh', {
  url: FACEMESH_URL,
  // The surest face of each photograph, found with the reference engine.
  samples: async () => {
    const detect = createDetector(await loadReference(BLAZEFACE_URL));
    return Promise.all(
      (await readPhotos()).map(async ({ name, image }) => {
        const [detection] = await detect(image, wholeWindow(image));
        return { name, inputs: { input_1: landmarksInput(image, regionOfDetection(detection)) } };
      }),
    );
  },
});
