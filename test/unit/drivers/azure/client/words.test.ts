import assert from 'node:assert/strict';

import fc from 'fast-check';

import { wordsOf } from '../../../../../shared/drivers/azure/client/words.ts';

describe('azure: the words of a refusal', () => {
  it("are the Resource Manager's, with those of the causes", () => {
    const error = {
      code: 'DeploymentFailed',
      message: 'At least one\r\n operation failed.',
      details: [{ code: 'Conflict', message: 'Because.' }, null, 'odd'],
      innererror: { code: 'AllocationFailed', message: 'Because.' },
    };
    assert.deepEqual(wordsOf(JSON.stringify({ error })), {
      codes: ['DeploymentFailed', 'Conflict', 'AllocationFailed'],
      message: 'At least one operation failed. Because.',
    });
  });

  it("are the Resource Manager's without a frame, as some services have it", () => {
    const { codes, message } = wordsOf(JSON.stringify({ code: 'NotFound', message: 'none' }));
    assert.deepEqual([codes, message], [['NotFound'], 'none']);
  });

  it("are Entra ID's", () => {
    const text = JSON.stringify({
      error: 'invalid_client',
      error_description: 'AADSTS7000215: no',
    });
    assert.deepEqual(wordsOf(text), { codes: ['invalid_client'], message: 'AADSTS7000215: no' });
  });

  it("are storage's", () => {
    const text =
      '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code><Message>Server failed\nto.</Message></Error>';
    assert.deepEqual(wordsOf(text), {
      codes: ['AuthenticationFailed'],
      message: 'Server failed to.',
    });
  });

  it("are a proxy's, without its page", () => {
    const text = '<html><head><style>p {}</style></head><body><h1>Bad\nGateway</h1></body></html>';
    assert.deepEqual(wordsOf(text), { codes: [], message: 'Bad Gateway' });
  });

  it('are short, and some for whatever is said', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { codes, message } = wordsOf(text);
        assert.ok(message.length <= 1000 && !message.includes('\n') && Array.isArray(codes));
      }),
    );
    assert.equal(wordsOf('x'.repeat(5000)).message.length, 1000);
  });

  it('of an error that is its own cause without end have an end', () => {
    let text = '{"code":"deepest"}';
    for (let depth = 0; depth < 50; depth++) text = `{"code":"c${depth}","innererror":${text}}`;
    assert.ok(wordsOf(`{"error":${text}}`).codes.length < 20);
  });
});
