-- What people look at: the newest messages of all topics, and what was done minute by minute.

-- The newest of all topics, and a span of time across them. Within a topic received_at grows with the position, so there the primary key will do.
CREATE INDEX messages_received ON messages (received_at, topic_id, position);

-- What the node did in one minute: received by a topic (publisher_id 0), or delivered by a publisher. Each time written as a whole, so that writing twice
-- changes nothing. What a node that is killed had not written yet is missing here and nowhere else.
CREATE TABLE activity (
    minute       INTEGER NOT NULL,
    topic_id     INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    node_id      TEXT    NOT NULL,
    received     INTEGER NOT NULL,
    advanced     INTEGER NOT NULL, -- positions that the cursor has passed
    delivered    INTEGER NOT NULL,
    failed       INTEGER NOT NULL, -- attempts that failed
    skipped      INTEGER NOT NULL,
    dead         INTEGER NOT NULL,
    latencies    TEXT    NOT NULL, -- JSON array: how many deliveries took so long; what each element stands for is the application's
    PRIMARY KEY (minute, topic_id, publisher_id, node_id)
) STRICT, WITHOUT ROWID;

-- What dead letters died of is counted in this index alone: their rows hold the errors, which are much larger.
CREATE INDEX dead_letters_group ON dead_letters (publisher_id, reason, error_group, died_at, topic_id);
