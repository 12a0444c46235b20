"""A command that stores one fact, and has that fact's id, is remembered by the fact.

That is most of what people do. What was a row of its own, under a key of its own, becomes one more
column of the fact. Commands of several facts, with texts, or with an id that is no fact's stay where
they were. Both tables together have an id once.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The column holds the hexadecimal digits of an id, the ids of commands are written with dashes.
_SQLITE = """
DROP VIEW appending;

DROP TRIGGER events_only_added;

DROP TRIGGER commands_only_added;

ALTER TABLE events ADD COLUMN request_hash BLOB;

CREATE TRIGGER events_only_added BEFORE INSERT ON events
WHEN (SELECT log_id FROM opened_logs WHERE number = NEW.place >> 40) IS NOT NEW.log_id
  OR CASE NEW.place & 0xFFFFFFFFFF
     WHEN 1 THEN EXISTS (SELECT 1 FROM events WHERE place = NEW.place)
     ELSE (SELECT place = NEW.place - 1 AND known_at <= NEW.known_at FROM events
           WHERE place <= NEW.place ORDER BY place DESC LIMIT 1) IS NOT 1
     END
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND stream_id = NEW.stream_id
             AND version = NEW.version)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND event_id = NEW.event_id)
  OR (NEW.request_hash IS NOT NULL AND EXISTS (
      SELECT 1 FROM commands WHERE log_id = NEW.log_id AND command_id =
          substr(NEW.event_id, 1, 8) || '-' || substr(NEW.event_id, 9, 4) || '-' ||
          substr(NEW.event_id, 13, 4) || '-' || substr(NEW.event_id, 17, 4) || '-' ||
          substr(NEW.event_id, 21)))
BEGIN SELECT RAISE(ABORT, 'an event comes next, with a version and an id of its own'); END;

CREATE TRIGGER commands_only_added BEFORE INSERT ON commands
WHEN EXISTS (SELECT 1 FROM commands WHERE log_id = NEW.log_id AND command_id = NEW.command_id)
  OR (NEW.command_id GLOB '????????-????-????-????-????????????' AND EXISTS (
      SELECT 1 FROM events WHERE log_id = NEW.log_id AND request_hash IS NOT NULL
      AND event_id = replace(NEW.command_id, '-', '')))
BEGIN SELECT RAISE(ABORT, 'a command with this id is there already'); END;
"""

_POSTGRESQL = """
ALTER TABLE events ADD COLUMN request_hash bytea;

DROP FUNCTION append;
DROP FUNCTION append_one;

-- The fact that remembers a command, when there is one: what its id says.
CREATE FUNCTION fact_of(command_id text) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN CASE WHEN command_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            THEN command_id::uuid END;

-- Stores appends for one log, in the order in which they come. Of each kind of row the columns
-- come as arrays, those of all appends one after the other; expected_counts and fact_counts say
-- how many belong to each append, text_of and erase_of to which append each belongs. A command
-- without a salt is remembered by its one fact.
--
-- Gives for each append its first position, 0 when its command is known, or -1 when a stream is
-- not at the expected version; then the version found for each expectation. For the last two
-- nothing is stored.
CREATE FUNCTION append(
    of_log text,
    command_ids text[], command_salts bytea[], command_hashes bytea[],
    expected_counts bigint[], fact_counts bigint[],
    expected_streams text[], expected_versions bigint[],
    streams text[], versions bigint[], types text[], payloads bytea[], event_ids uuid[],
    recorded bigint[], firsts date[], lasts date[], actors text[], leaves bytea[],
    text_of bigint[], digests text[], salts bytea[], bodies text[],
    erase_of bigint[], erased text[]
) RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = liuhen, pg_temp AS $$
DECLARE
    held boolean;      -- an expression is evaluated faster than a statement is run
    at bigint;         -- the end of the log as it grows
    newest bigint;     -- the running maximum of recorded_at
    fact bigint := 0;  -- how many facts and expectations of the arrays are done
    expectation bigint := 0;
    n bigint;
    actual bigint;
    as_expected boolean;
    answers bigint[] := '{}';
    found_versions bigint[] := '{}';
BEGIN
    -- 1. Hold the log and find its end: what is committed is dense, because whoever comes next
    --    waits here, and each statement after this one sees what was committed meanwhile.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'appends need the isolation level read committed';
    END IF;
    held := pg_advisory_xact_lock(hashtextextended(of_log, 0)) IS NOT NULL;
    SELECT e.position, e.known_at INTO at, newest FROM events e
    WHERE e.log_id = of_log ORDER BY e.position DESC LIMIT 1;
    IF NOT FOUND THEN
        INSERT INTO opened_logs VALUES (of_log) ON CONFLICT DO NOTHING;
        at := 0;
        newest := 0;
    END IF;

    FOR i IN 1 .. cardinality(command_ids) LOOP
        -- 2. Every stream is where the caller saw it, also those that get nothing.
        as_expected := true;
        FOR k IN expectation + 1 .. expectation + expected_counts[i] LOOP
            SELECT e.version INTO actual FROM events e
            WHERE e.log_id = of_log AND e.stream_id = expected_streams[k]
            ORDER BY e.version DESC LIMIT 1;
            actual := coalesce(actual, 0);
            found_versions := found_versions || actual;
            as_expected := as_expected AND actual = expected_versions[k];
        END LOOP;
        expectation := expectation + expected_counts[i];
        n := fact_counts[i];
        fact := fact + n;

        -- 3. A command that was stored already is not stored again, nor one whose id a fact has.
        IF command_ids[i] IS NOT NULL AND (
            EXISTS (
                SELECT FROM commands c WHERE c.log_id = of_log AND c.command_id = command_ids[i]
            ) OR EXISTS (
                SELECT FROM events e
                WHERE e.log_id = of_log AND e.event_id = fact_of(command_ids[i])
            )
        ) THEN
            answers := answers || 0::bigint;
            CONTINUE;
        END IF;
        IF NOT as_expected THEN
            answers := answers || -1::bigint;
            CONTINUE;
        END IF;
        IF command_ids[i] IS NOT NULL AND command_salts[i] IS NOT NULL THEN
            INSERT INTO commands
            VALUES (of_log, command_ids[i], command_salts[i], command_hashes[i], at + 1, at + n);
        END IF;
        answers := answers || at + 1;

        -- 4. The facts; for a few of them a loop is faster.
        IF n <= 3 THEN
            FOR f IN fact - n + 1 .. fact LOOP
                at := at + 1;
                newest := greatest(newest, recorded[f]);
                INSERT INTO events VALUES (
                    of_log, at, streams[f], versions[f], types[f], payloads[f], event_ids[f],
                    recorded[f], newest, firsts[f], lasts[f], actors[f], leaves[f],
                    CASE WHEN command_salts[i] IS NULL THEN command_hashes[i] END
                );
            END LOOP;
        ELSE
            INSERT INTO events
            SELECT of_log, at + u.nth, u.stream, u.version, u.type, u.payload, u.event_id,
                   u.recorded, greatest(newest, max(u.recorded) OVER (ORDER BY u.nth)),
                   u.first, u.last, u.actor, u.leaf
            FROM unnest(
                streams[fact - n + 1 : fact], versions[fact - n + 1 : fact],
                types[fact - n + 1 : fact], payloads[fact - n + 1 : fact],
                event_ids[fact - n + 1 : fact], recorded[fact - n + 1 : fact],
                firsts[fact - n + 1 : fact], lasts[fact - n + 1 : fact],
                actors[fact - n + 1 : fact], leaves[fact - n + 1 : fact]
            ) WITH ORDINALITY AS u (stream, version, type, payload, event_id, recorded,
                                    first, last, actor, leaf, nth);
            at := at + n;
            newest := greatest(newest, (SELECT max(r) FROM unnest(recorded[fact - n + 1 : fact]) r));
        END IF;

        -- 5. Its texts, and what is to be forgotten.
        IF cardinality(text_of) > 0 THEN
            INSERT INTO texts
            SELECT of_log, t.digest, t.salt, t.body, command_ids[i]
            FROM unnest(text_of, digests, salts, bodies) AS t (nth, digest, salt, body)
            WHERE t.nth = i;
        END IF;
        IF cardinality(erase_of) > 0 THEN
            UPDATE commands c SET request_salt = NULL
            WHERE c.log_id = of_log AND c.command_id IN (
                SELECT t.command_id
                FROM unnest(erase_of, erased) AS e (nth, digest)
                JOIN texts t ON t.log_id = of_log AND t.digest = e.digest
                WHERE e.nth = i
            );
            DELETE FROM texts t
            USING unnest(erase_of, erased) AS e (nth, digest)
            WHERE t.log_id = of_log AND t.digest = e.digest AND e.nth = i;
        END IF;
    END LOOP;
    RETURN answers || found_versions;
END $$;

-- The same for a command that is remembered by its one fact: most of what people do, and half as
-- long. Gives its position; null when ``append`` is to be asked, for the log has no facts yet, a
-- stream is not at the expected version, or the command is known. One that a fact remembers is
-- refused by the fact's id.
CREATE FUNCTION append_one(
    of_log text, of_command text, command_hash bytea,
    expected_streams text[], expected_versions bigint[],
    stream text, version bigint, type text, payload bytea, event_id uuid, recorded bigint,
    first date, last date, actor text, leaf bytea
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = liuhen, pg_temp AS $$
DECLARE
    held boolean;
    at bigint;
    newest bigint;
    actual bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'appends need the isolation level read committed';
    END IF;
    held := pg_advisory_xact_lock(hashtextextended(of_log, 0)) IS NOT NULL;
    SELECT e.position + 1, e.known_at INTO at, newest FROM events e
    WHERE e.log_id = of_log ORDER BY e.position DESC LIMIT 1;
    FOR k IN 1 .. cardinality(expected_streams) LOOP
        SELECT e.version INTO actual FROM events e
        WHERE e.log_id = of_log AND e.stream_id = expected_streams[k]
        ORDER BY e.version DESC LIMIT 1;
        IF coalesce(actual, 0) <> expected_versions[k] THEN
            RETURN NULL;
        END IF;
    END LOOP;
    IF at IS NULL OR EXISTS (
        SELECT FROM commands c WHERE c.log_id = of_log AND c.command_id = of_command
    ) THEN
        RETURN NULL;
    END IF;
    INSERT INTO events VALUES (
        of_log, at, stream, version, type, payload, event_id,
        recorded, greatest(newest, recorded), first, last, actor, leaf, command_hash
    );
    RETURN at;
END $$;

REVOKE ALL ON FUNCTION fact_of FROM PUBLIC;
REVOKE ALL ON FUNCTION append FROM PUBLIC;
REVOKE ALL ON FUNCTION append_one FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append TO liuhen_app;
GRANT EXECUTE ON FUNCTION append_one TO liuhen_app;
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE.strip().split("\n\n"):
            op.execute(statement)
    else:
        # As it stands: neither a colon nor a per cent sign in it is a parameter.
        op.get_bind().connection.cursor().execute(_POSTGRESQL)
