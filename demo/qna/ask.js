// Answers questions about a passage with the small model that ships with xnnjs.
//
//   node demo/qna/ask.js [--passage FILE] [--model MODEL --vocab VOCAB] [--top N] [QUESTION…]

import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from '../../models/qna/index.js';

const SAMPLE = fileURLToPath(new URL('sample.txt', import.meta.url));
const QUESTIONS = [
  'Who lives in Lisbon?',
  'What does Marta Oliveira do?',
  'Where was Tom Becker born?',
  'What color is the boat?',
  'Who wrote the book?',
];

/**
 * @param {string[]} argv  Without node and the script.
 * @param {{ print?: (line: string) => void }} [options]
 * @returns {Promise<number>}  Exit code: 0, or 1 after one line on stderr.
 */
export async function main(argv, { print = console.log } = {}) {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        passage: { type: 'string', default: SAMPLE },
        model: { type: 'string' },
        vocab: { type: 'string' },
        top: { type: 'string', default: '1' },
      },
    });
    const passage = readFileSync(values.passage, 'utf8');
    const questions = positionals.length > 0 ? positionals : QUESTIONS;
    const began = performance.now();
    const qna = await load({ modelUrl: values.model, vocabUrl: values.vocab });
    try {
      print(`${passage.trim()}\n`);
      print(`model loaded in ${(performance.now() - began).toFixed(0)} ms`);
      for (const question of questions) {
        const asked = performance.now();
        const answers = await qna.findAnswers(question, passage, { topK: Number(values.top) });
        print(`\n${question}  (${(performance.now() - asked).toFixed(0)} ms)`);
        if (answers.length === 0) print('  the passage does not say');
        for (const { text, startIndex, endIndex, probability } of answers)
          print(`  ${text}  (${(100 * probability).toFixed(0)} %, characters ${startIndex} to ${endIndex})`);
      }
    } finally {
      qna.dispose();
    }
    return 0;
  } catch (error) {
    console.error(`ask: ${/** @type {Error} */ (error).message}`);
    return 1;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  process.exitCode = await main(process.argv.slice(2));
}
