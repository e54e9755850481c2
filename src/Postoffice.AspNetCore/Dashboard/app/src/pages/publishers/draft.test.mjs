import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes, creation, draftErrors, draftOf, newDraft } from './draft';

const publisher = {
  active: true, topic: 'orders', type: 'pubsub', target: 'projects/p/topics/orders', seconds_timeout: 30, seconds_retry: 30, max_attempts: 100, seconds_max_age: null,
  ordering: 'none', on_key_failure: 'skip', rate_limit: null, filter: null, max_demand: null, min_demand: null, demand_mode: null, adaptive_demand: null, chunk_size: null,
  headers: {},
};
const header = { name: 'X-Shop', value: 'corner' };

test('what is left as it is is not sent', () => {
  assert.deepEqual(creation({ ...newDraft('orders'), type: 'pubsub', target: 'orders' }), {
    active: 'true', topic: '"orders"', type: '"pubsub"', target: '"orders"', from_now: 'false',
  });
});

test('the messages in one call are sent as they were typed', () => {
  assert.equal(creation({ ...newDraft('orders'), type: 'pubsub', chunk_size: '500' }).chunk_size, '500');
  assert.equal(creation({ ...newDraft('orders'), type: 'pubsub', chunk_size: 'many' }).chunk_size, '"many"');
});

test('headers that were typed before the type was changed are neither sent nor judged', () => {
  const draft = { ...newDraft('orders'), headers: [header, header] };
  assert.deepEqual(Object.keys(draftErrors(draft)), ['headers']);
  assert.equal('headers' in creation({ ...draft, headers: [header] }), true);

  assert.deepEqual(draftErrors({ ...draft, type: 'pubsub' }), {});
  assert.equal('headers' in creation({ ...draft, type: 'pubsub' }), false);
});

test('headers that a publisher has and does not use are left alone by a change of something else', () => {
  const before = draftOf({ ...publisher, headers: { 'X-Shop': 'corner' } });
  assert.deepEqual(changes({ ...before, chunk_size: '10' }, before), { chunk_size: '10' });
});
