import { expect } from 'chai';

import { isUsualJson, type Json, parseJson, stringifyJson } from '../../src/json.js';

/** What a text becomes when it is read and written again. */
const again = (text: string): string => stringifyJson(parseJson(text));

describe('JSON', () => {
  for (const text of [
    '9007199254740993',
    '-9007199254740993',
    '18446744073709551615',
    `1${'0'.repeat(100)}`,
    '{"wwn":6178254816587243137,"list":[1,18446744073709551615,[12345678901234567890]]}',
    '{"9007199254740993":"9007199254740993","text":": 9007199254740993, \\"[9007199254740993"}',
    '[0.1,-2.5e-7,1.7976931348623157e+308,9007199254740991,-9007199254740991,1e+30]',
    '{"__proto__":{"a":9007199254740993},"__proto__ ":"x"}',
    '"number:9007199254740993"',
  ]) {
    it(`keeps ${text.slice(0, 90)}`, () => {
      expect(again(text)).to.equal(text);
    });
  }

  it('reads a whole number that a double holds as a number, and others as a bigint', () => {
    expect(parseJson('[1, 9007199254740991, 9007199254740993, 1.0, 1e3]')).to.deep.equal([
      1,
      9007199254740991,
      9007199254740993n,
      1,
      1000,
    ]);
    expect(parseJson('[\n  9007199254740993 ]')).to.deep.equal([9007199254740993n]);
  });

  it('reads floats as the doubles that they are', () => {
    expect(parseJson('[12345678901234567.5, 9007199254740993.0, 12345678901234567e3]')).to.deep.equal([
      2 ** 53 * 1.5 * 0 + 12345678901234568,
      9007199254740992,
      12345678901234567000,
    ]);
  });

  it("reads Python's NaN and Infinity, and numbers beyond a double, as numbers that are not finite", () => {
    const text = '{"a": NaN, "b": [Infinity, -Infinity], "NaN": "NaN, Infinity", "c": 1e400}';
    expect(parseJson(text)).to.deep.equal({ a: NaN, b: [Infinity, -Infinity], NaN: 'NaN, Infinity', c: Infinity });
    expect(parseJson('9'.repeat(5000))).to.equal(Infinity);
  });

  for (const text of [
    '{"a": Nan}',
    '{"a": NaN',
    '{NaN: 1}',
    '{9007199254740993: 1}',
    '[9007199254740993',
    '{"a": "Infinity}',
    '[--1]',
    '"\\',
  ]) {
    it(`refuses ${text}`, () => {
      expect(() => parseJson(text)).to.throw(SyntaxError);
    });
  }

  it('replaces lone surrogates, in keys too', () => {
    expect(parseJson('{"a\\ud800": ["\\udc00x", "\\ud83d\\ude00"], "b": 1}')).to.deep.equal({
      'a\ufffd': ['\ufffdx', '😀'],
      b: 1,
    });
  });

  it('does not reach into prototypes', () => {
    const value = parseJson('{"__proto__": "\\ud800", "a": 9007199254740993}') as object;
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).to.equal('\ufffd');
  });

  it('refuses circles, and writes with indentation', () => {
    const circle: Record<string, unknown> = { big: 1n };
    circle['self'] = circle;
    expect(() => stringifyJson(circle)).to.throw(TypeError);
    expect(stringifyJson({ a: [18446744073709551615n] }, 2)).to.equal('{\n  "a": [\n    18446744073709551615\n  ]\n}');
  });

  it('takes texts that are nested deeply', () => {
    const deep = `${'['.repeat(200_000)}9007199254740993${']'.repeat(200_000)}`;
    let value = parseJson(deep);
    while (Array.isArray(value)) value = (value as Json[])[0];
    expect(value).to.equal(9007199254740993n);
  });

  it('takes the fast way for usual texts, such as those with ids and times', () => {
    const usual = {
      id: '0123456789012345678901234567890a',
      at: '2026-01-01 00:00:00',
      mac: '52:54:00:12:34:56',
      n: 1e14,
    };
    expect(isUsualJson(JSON.stringify(usual))).to.equal(true);
    expect(isUsualJson('[1234567890123456]')).to.equal(false);
  });

  it('needs time in proportion to the length, whatever the text contains', function () {
    this.timeout(60_000);
    for (const piece of ['"', '\\"', '1', '[9', '"\\', '-', 'NaN', '1e', ' ', '"9007199254740993",', '\\ud800']) {
      const text = `[9007199254740993,${piece.repeat(Math.ceil(1_000_000 / piece.length))}`;
      const begun = process.cpuUsage().user;
      try {
        parseJson(text);
      } catch (error) {
        expect(error).to.be.instanceOf(SyntaxError);
      }
      expect((process.cpuUsage().user - begun) / 1e6, piece).to.be.lessThan(2);
    }
  });
});
