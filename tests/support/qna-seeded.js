// A small MobileBERT with seeded weights, and a passage with questions that it answers, whatever that means.
import { mobileBert } from './architectures/mobilebert.js';

export const PASSAGE =
  'WebAssembly is a binary format for a stack-based machine. It was announced in June 2015 and became a recommendation of the World Wide ' +
  'Web Consortium in December 2019. XNNPACK is a library of floating-point operators for phones, servers and web pages; its authors began ' +
  "it at Google in 2019. MobileBERT, published in 2020 by Zhiqing Sun and others, has 25 million parameters, a fourth of BERT's, and answers " +
  'a question about a passage of up to 384 word pieces in less than a second on a phone. ';
export const QUESTIONS = ['Who published MobileBERT?', 'When did WebAssembly become a recommendation?'];

/** The first 999 are not looked up; then the words, each with the mark of a beginning, and letters for what is not there. */
export const VOCABULARY = [
  ...Array(999).fill('[unused]'),
  ...new Set([...PASSAGE.toLowerCase().matchAll(/[a-z]{3,}|[0-9]+|[^\sa-z0-9]/g)].map(([word]) => `\u2581${word}`)),
  ...[...'abcdefghijklmnopqrstuvwxyz0123456789'].flatMap((letter) => [letter, `\u2581${letter}`]),
];

// A seed by which some answers reach the web client's threshold.
export const seededNetwork = (vocabulary = VOCABULARY.length) => mobileBert({ blocks: 1, vocabulary, seed: 58 });
