-- What people look at: the newest messages of all topics, and what was done minute by minute. It only adds, so that nodes of the version before go on working
-- beside this one. While an index is built nobody writes to its table: about a second for a million messages. Whoever has many builds both beforehand with
-- CREATE INDEX CONCURRENTLY (docs/operations.md); an index that is there already is taken as it is.

-- The newest of all topics, and a span of time across them. Within a topic received_at grows with the position, so there the primary key will do.
CREATE INDEX IF NOT EXISTS messages_received ON postoffice.messages (received_at, topic_id, position);

-- What one node did in one minute: received by a topic (publisher_id 0), or delivered by a publisher. A node writes its own rows only, each time as a whole, so
-- that writing twice changes nothing; whoever reads adds them up. What a node that is killed had not written yet is missing here and nowhere else.
CREATE TABLE postoffice.activity (
    minute timestamptz NOT NULL,
    topic_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    node_id uuid NOT NULL,
    received bigint NOT NULL,
    -- How many positions the cursor has passed.
    advanced bigint NOT NULL,
    delivered bigint NOT NULL,
    -- Attempts that failed.
    failed bigint NOT NULL,
    skipped bigint NOT NULL,
    dead bigint NOT NULL,
    -- How many deliveries took so long from received to delivered; what each element stands for is the application's.
    latencies integer[] NOT NULL,
    PRIMARY KEY (minute, topic_id, publisher_id, node_id)
) WITH (fillfactor = 70);

-- What dead letters died of is counted in this index alone: their rows hold the errors, which are much larger. A group's name has at most 200 characters.
CREATE INDEX IF NOT EXISTS dead_letters_group ON postoffice.dead_letters (publisher_id, reason, error_group, died_at, topic_id);
