// @tensorflow-models/qna: answers of a MobileBERT with seeded weights. They mean nothing; that they are the same does.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { load } from '@tensorflow-models/qna';
import { mobileBert } from '../../support/architectures/mobilebert.js';
import { toGraphModel } from '../../support/architectures/to-graph.js';
import { serveModels, testClient } from './client.js';

const PASSAGE = `Google LLC is an American multinational technology company that specializes in Internet-related services and
products, which include online advertising technologies, search engine, cloud computing, software, and hardware. It is considered one of
the Big Four technology companies, alongside Amazon, Apple, and Facebook. Google was founded in September 1998 by Larry Page and Sergey
Brin while they were Ph.D. students at Stanford University in California. Together they own about 14 percent of its shares and control 56
percent of the stockholder voting power through supervoting stock.`;
