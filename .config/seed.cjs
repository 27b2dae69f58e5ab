/**
 * One seed for all random tests, so that a run can be repeated and says the same each time. Other
 * worlds: NODEPOOL_TEST_SEED=<number>, or `random` for a new one.
 */
const fc = require('fast-check');

const FIXED = 20_261_129;

const wanted = process.env.NODEPOOL_TEST_SEED ?? String(FIXED);
const seed = wanted === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
if (!Number.isSafeInteger(seed)) throw new Error(`NODEPOOL_TEST_SEED=${wanted} is no number`);
if (seed !== FIXED) console.log(`seed of the random tests: ${seed}`);
fc.configureGlobal({ seed });
