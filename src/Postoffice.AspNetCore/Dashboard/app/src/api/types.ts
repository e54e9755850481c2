// What the API answers. Names are the wire's own.

export interface Single<T> {
  data: T;
}

export interface List<T> {
  data: T[];
  next: string | number | null;
}

export interface Topic {
  id: number;
  name: string;
  origin_host: string | null;
  recovery_enabled: boolean;
  created_at: string;
  messages: number;
  head: number;
  publishers: number;
  received_rate: number;
  last_received_at: string | null;
}

interface RateLimit {
  permits: number;
  per_seconds: number;
}

export interface Publisher {
  id: number;
  topic: string;
  type: string;
  target: string;
  active: boolean;
  paused_reason: string | null;
  paused_at: string | null;
  start_position: number;
  seconds_timeout: number;
  seconds_retry: number;
  seconds_max_age: number | null;
  max_attempts: number;
  chunk_size: number | null;
  max_demand: number | null;
  min_demand: number | null;
  demand_mode: 'completed' | 'low_watermark' | null;
  adaptive_demand: boolean | null;
  ordering: 'none' | 'key';
  on_key_failure: 'skip' | 'block';
  rate_limit: RateLimit | null;
  filter: unknown;
  headers: Record<string, string>;
  cursor: number;
  head: number;
  lag: number;
  parked: number;
  dead: number;
  delivered: number;
  skipped: number;
  node: { id: string; host: string } | null;
  breaker: { state: 'closed' | 'open' | 'half_open'; probe_at: string | null; last_error: string | null } | null;
  demand: { max: number; effective: number; in_flight: number } | null;
  rate: number | null;
  error_rate: number | null;
  rate_limited_until: string | null;
  offline_until: string | null;
  replay?: Replay;
  created_at: string;
  updated_at: string;
}

export interface Replay {
  position: number;
  until: number;
  only_failed: boolean;
  requested_at: string;
}

export interface BlockedKey {
  key: string;
  state: 'parked' | 'next' | 'dead';
  head: { position: number; message_id: string; attempts: number; due_at: string | null; reason: string };
  waiting: number;
}

interface Minute {
  at: string;
  received: number;
  delivered: number;
  failed: number;
  skipped?: number;
  dead?: number;
}

export interface Latency {
  p50_ms: number;
  p99_ms: number;
}

export interface Overview {
  at: string;
  received: number;
  delivered: number;
  received_rate: number;
  delivered_rate: number;
  waiting: number;
  parked: number;
  dead: number;
  latency: Latency | null;
  minutes: Minute[];
  topics: number;
  publishers: number;
  paused: number;
  attention: Attention[];
  nodes: Node[];
}

export interface Attention {
  publisher_id: number;
  topic: string;
  type: string;
  target: string;
  reason: string;
  text: string;
  since: string | null;
  lag: number;
  parked: number;
  dead: number;
}

export interface Node {
  id: string;
  host: string;
  started_at: string;
  heartbeat_at: string;
  publishers: number;
}

export interface Activity {
  minutes: Minute[];
  latency: Latency | null;
  error_rate: number | null;
}

export interface FoundMessage {
  id: string;
  topic: string;
  position: number;
  received_at: string;
  ordering_key: string | null;
  content_type: string;
  attributes: Record<string, string>;
  size: number;
  excerpt: string;
  deliveries: { waiting: number; parked: number; dead_lettered: number; settled: number };
}

export interface MessagePage extends List<FoundMessage> {
  /** How far back has been looked; null when everything has been. */
  searched_to: string | null;
  scanned: number;
}

export interface FailedAttempt {
  attempt: number;
  at: string;
  status_code: number | null;
  duration_ms: number;
  error: string;
}

export type DeliveryStatus =
  | 'waiting' | 'parked' | 'delivered' | 'dead_lettered' | 'skipped' | 'discarded' | 'settled' | 'not_subscribed';

export interface Delivery {
  publisher_id: number;
  target: string;
  type: string;
  state: DeliveryStatus;
  attempts: number;
  settled_at: string | null;
  due_at: string | null;
  status_code: number | null;
  duration_ms: number | null;
  reason: string | null;
  failed_attempts: FailedAttempt[];
}

export interface Message {
  id: string;
  topic: string;
  position?: number;
  state: 'in_log' | 'scheduled';
  /** Parsed, and so with numbers as JavaScript has them; missing when it is not JSON. */
  payload?: unknown;
  /** The payload when it is not JSON. */
  payload_base64?: string;
  attributes: Record<string, string>;
  ordering_key: string | null;
  content_type: string;
  received_at?: string;
  /** While it waits to be due. */
  scheduled_at?: string;
  deliveries: Delivery[];
}

export interface Explanation {
  publisher_id: number;
  target: string;
  type: string;
  reason: string;
  text: string;
  facts: { blocked_key?: BlockedKey; [name: string]: unknown };
}

export interface Explanations {
  id: string;
  topic: string;
  state: 'in_log' | 'scheduled';
  scheduled_at: string | null;
  publishers: Explanation[];
}

export interface DeadLetter {
  id: string;
  publisher_id: number;
  target: string;
  topic: string;
  position: number;
  message_id: string;
  ordering_key: string | null;
  blocks_key: boolean;
  attempts: number;
  status_code: number | null;
  reason: string;
  error: string;
  group: string;
  received_at: string;
  died_at: string;
}

export interface DeadLetterGroup {
  reason: string;
  group: string;
  count: number;
  first_died_at: string;
  last_died_at: string;
  sample: DeadLetter;
}

export interface BulkResult {
  matched: number;
  retried?: number;
  discarded?: number;
  remaining: number;
  dry_run: boolean;
}

export interface ReplayResult {
  messages: number;
  position: number;
  until: number;
  only_failed: boolean;
  dry_run: boolean;
}

export interface TestResult {
  outcome: 'accepted' | 'rejected' | 'unavailable' | 'throttled' | 'gone' | 'blocked' | 'invalid';
  status_code: number | null;
  duration_ms: number;
  error: string | null;
  answer: string | null;
  message_id: string;
}
