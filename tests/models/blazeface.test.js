import { detectorInput } from '../../models/facemesh/detector.js';
import { wholeWindow } from '../../models/facemesh/windows.js';
import { testAgreement } from '../support/model-agreement.js';
import { BLAZEFACE_URL, readPhotos } from '../support/photos.js';

testAgreement('blazeface', {
  url: BLAZEFACE_URL,
  samples: async () =>
    (await readPhotos()).map(({ name, image }) => ({
      name,
      inputs: { input: detectorInput(image, wholeWindow(image)) },
    })),
});
