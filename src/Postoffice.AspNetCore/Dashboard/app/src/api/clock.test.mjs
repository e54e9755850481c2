import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearTime, serverNow } from './clock';

const hour = 3_600_000;
const second = 1_000;
const header = time => new Date(time).toUTCString();
const aheadBy = () => serverNow() - Date.now();
const isAbout = (expected, actual) => assert.ok(Math.abs(expected - actual) < 2 * second, `${actual} is not about ${expected}`);

test('a clock that is right is left alone, and one that is wrong is put right, until it is right again', () => {
  const now = Date.now();
  hearTime(header(now - second), now, now + 50);
  assert.equal(aheadBy(), 0);
  hearTime(header(now + hour), now, now + 50);
  isAbout(hour, aheadBy());
  hearTime(header(now - hour), now, now + 50);
  isAbout(-hour, aheadBy());

  // Not again with each answer: times would jump.
  const before = aheadBy();
  hearTime(header(now - hour + second), now, now + 50);
  isAbout(before, aheadBy());
  hearTime(header(now), now, now + 50);
  assert.equal(aheadBy(), 0);
});

test('an answer that was long in coming tells nothing against the clock, nor does one without a date', () => {
  const now = Date.now();
  hearTime(header(now + 20 * second), now, now + 20 * second);
  hearTime(null, now, now);
  hearTime('soon', now, now);
  assert.equal(aheadBy(), 0);
});
