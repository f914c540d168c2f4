// Passages to ask about: made up, as the texts are that the small model learned from.

/** @type {{ title: string, passage: string, questions: string[] }[]} */
export const PASSAGES = [
  {
    title: 'A carpenter',
    passage:
      'Mira Tolken was born in Arnvik in 1962. She worked as a carpenter for thirty years and built the wooden bridge over the river Sell. ' +
      'Her brother Jonas is a doctor and lives in Pradell. The bridge was opened on 4 May 1998 and cost 3 million crowns.',
    questions: ['Where was Mira Tolken born?', 'What does Jonas do?', 'When was the bridge opened?', 'What is the name of her dog?'],
  },
  {
    title: 'A lamp',
    passage:
      'The lamp in the kitchen is made of brass and belongs to Oren Valdis. It is green and cost 45 euros. ' +
      'The chair beside it is red, made of oak, and belongs to Tessa Brandt, who bought it in Lomeral last summer.',
    questions: ['What colour is the lamp?', 'Who owns the chair?', 'What is the chair made of?', 'How much did the lamp cost?'],
  },
  {
    title: 'A festival',
    passage:
      'The winter festival takes place on 12 January in Karsholm. Elin Rask organised the winter festival, and 12,000 people came to it. ' +
      'The concert was held in the town hall. A ticket for the concert costs 15 euros. Tomas Verel plays the piano.',
    questions: [
      'Who organised the winter festival?',
      'How many people came to the winter festival?',
      'Where was the concert?',
      'Who won the race?',
    ],
  },
];
