import { landmarksInput } from '../../models/facemesh/landmarks.js';
import { testAgreement } from '../support/model-agreement.js';
import { FACEMESH_URL, readPhotos } from '../support/photos.js';
import { findSurestFaces, frameOf } from '../support/surest-face.js';

testAgreement('facemesh', {
  url: FACEMESH_URL,
  // The surest face of each photograph, found with the reference engine.
  samples: async () => {
    const regionOf = await findSurestFaces();
    return Promise.all(
      (await readPhotos()).map(async ({ name, image }) => ({
        name,
        inputs: { input_1: landmarksInput(frameOf(image), await regionOf(image)) },
      })),
    );
  },
});
