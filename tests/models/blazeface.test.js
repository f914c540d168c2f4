import { detectorInput } from '../../models/shared/detector.js';
import { wholeWindow } from '../../models/shared/windows.js';
import { testAgreement } from '../support/model-agreement.js';
import { BLAZEFACE_URL, readPhotos } from '../support/photos.js';
import { BLAZEFACE, frameOf } from '../support/surest-face.js';

testAgreement('blazeface', {
  url: BLAZEFACE_URL,
  samples: async () =>
    (await readPhotos()).map(({ name, image }) => ({
      name,
      inputs: { input: detectorInput(BLAZEFACE, frameOf(image), wholeWindow(image)) },
    })),
});
