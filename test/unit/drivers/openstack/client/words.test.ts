import assert from 'node:assert/strict';
import fc from 'fast-check';

import { wordsOf } from '../../../../../shared/drivers/openstack/client/words.ts';

const of = (body: unknown) => wordsOf(body, JSON.stringify(body));

describe('the words of a refusal', () => {
  const shapes: readonly [string, unknown, string, string][] = [
    ['nova', { badRequest: { message: 'no flavor', code: 400 } }, 'badRequest', 'no flavor'],
    ['nova limits', { overLimit: { message: 'slow', code: 413 } }, 'overLimit', 'slow'],
    [
      'keystone',
      { error: { message: 'who?', code: 401, title: 'Unauthorized' } },
      'Unauthorized',
      'who?',
    ],
    [
      'neutron',
      { NeutronError: { type: 'OverQuota', message: 'too much', detail: '' } },
      'OverQuota',
      'too much',
    ],
    ['old neutron', { NeutronError: 'broken' }, 'NeutronError', 'broken'],
    [
      'placement',
      { errors: [{ status: 404, title: 'Not Found', detail: 'gone', request_id: 'req-1' }] },
      'Not Found',
      'gone',
    ],
    [
      'webob',
      { message: 'not <br /><br />\n allowed', code: '403 Forbidden', title: 'Forbidden' },
      '403 Forbidden',
      'not allowed',
    ],
    ['a title alone', { title: 'Teapot' }, '', 'Teapot'],
  ];
  for (const [name, body, type, message] of shapes)
    it(`are found in the shape of ${name}`, () => {
      assert.deepEqual(of(body), { type, message });
    });

  it('are found in HTML, without its head and tags', () => {
    const html =
      '<html><head><title>403 Forbidden</title></head><body><h1>403</h1>\n No &amp; never<br/></body></html>';
    assert.deepEqual(wordsOf(undefined, html), { type: '', message: '403 No & never' });
  });

  it('are plain text where there is no JSON, and empty where there is nothing', () => {
    assert.equal(wordsOf(undefined, ' over\nload ').message, 'over load');
    assert.equal(wordsOf(undefined, '').message, '');
    assert.equal(wordsOf(null, 'null').message, 'null');
  });

  it('are cut off when they are long', () => {
    const { message } = wordsOf(undefined, 'x'.repeat(100_000));
    assert.ok(message.length < 700);
    assert.ok(message.endsWith('...'));
  });

  it('do not repeat user data that nova refuses', () => {
    const refused = (text: string) => of({ badRequest: { code: 400, message: text } }).message;
    const start = 'Invalid input for field/attribute';
    assert.equal(
      refused(`${start} user_data. Value: hush hush. 'hush hush' is not a 'base64'`),
      `${start} user_data`,
    );
    assert.equal(
      refused(`${start} server. Value: {'user_data': 'hush. Hush'}. 'flavorRef' is required`),
      `${start} server. 'flavorRef' is required`,
    );
    assert.equal(
      refused(`${start} server. Value: {'a': 'hush'}. {'a': 'hush'} is not valid under any schema`),
      `${start} server`,
    );
    const short = `${start} imageRef. Value: x. 'x' is not valid under any of the given schemas`;
    assert.equal(refused(short), short);
  });

  it('never hold a secret, however the service writes it', () => {
    const secret = fc
      .string({ minLength: 4, unit: 'grapheme' })
      .filter((one) => !/^[\s*.]*$/.test(one));
    fc.assert(
      fc.property(secret, fc.nat(3), (one, shape) => {
        const said = [
          one,
          `the password '${JSON.stringify(one).slice(1, -1)}' is wrong`,
          `${'x'.repeat(598)}${one}`,
          `a ${one} b ${one}`,
        ][shape];
        const { message } = wordsOf({ error: { message: said } }, '', [one]);
        assert.ok(!message.includes(one), message);
        assert.ok(
          !message.includes(one.slice(0, 4)) ||
            'the password is wrong a b xxxx...***'.includes(one.slice(0, 4)),
          message,
        );
      }),
    );
  });

  it('are found whatever JSON comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        assert.equal(typeof of(body).message, 'string');
      }),
    );
  });
});
