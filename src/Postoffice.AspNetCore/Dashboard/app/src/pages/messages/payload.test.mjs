import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indent, memberText } from './payload';

const answer = payload => `{"data":{"id":"1","topic":"a \\"payload\\": b","state":"in_log","payload":${payload},"attributes":{"payload":"no"},"deliveries":[]}}`;

const payloads = [
  '{}',
  '{"a":1.0,"b":12345678901234567890,"c":1E+2,"d":-0}',
  '{"a":1,"a":2}',
  ' {\r\n\t"a" : [ 1 ,2 ] } \n',
  '{"payload":{"payload":"}"}}',
  String.raw`{"a":"\"}{][,:\\","b\\":"\\\\","c":"\u0041\/é 😀"}`,
  '[[],{},[{}],null,true,false]',
  '"text"',
  '12.50',
  'null',
];

test('the payload is cut out of the answer as it is', () => {
  for (const payload of payloads) {
    assert.equal(memberText(answer(payload), ['data', 'payload']), payload);
  }
});

test('a payload that is missing is none, and another member of its name is not taken for it', () => {
  assert.equal(memberText('{"data":{"attributes":{"payload":"no"},"deliveries":[{"payload":1}]}}', ['data', 'payload']), undefined);
  assert.equal(memberText('{"data":{}}', ['data', 'payload']), undefined);
  assert.equal(memberText('{"data":[]}', ['data', 'payload']), undefined);
});

test('indenting changes nothing but the space between tokens', () => {
  const tokens = json => json.match(/"(?:[^"\\]|\\.)*"|[^\s"]/g).join('');
  for (const payload of payloads) {
    assert.equal(tokens(indent(payload)), tokens(payload));
    assert.equal(indent(indent(payload)), indent(payload));
  }
});

test('one member or element stands on a line, and what is empty on none of its own', () => {
  assert.equal(indent('{"a":[1.0,{"b":"x, y"}],"c":{ },"d":[\n]}'), '{\n  "a": [\n    1.0,\n    {\n      "b": "x, y"\n    }\n  ],\n  "c": {},\n  "d": []\n}');
});

test('a large payload is indented in one go', () => {
  const payload = `{"a":"${'\\\\x'.repeat(300_000)}","b":[${'1,'.repeat(100_000)}1]}`;
  assert.equal(indent(payload).split('\n').length, 100_001 + 5);
});
