"""Whether a fact has the id of a command is looked up by the one index that is made for it.

On SQLite: for each fact the dashes of a command's id were written into the digits of its own, which took half
of the time that its guard takes. An index of commands by their digits takes nothing of it: commands
of one fact are not in that table. Which log a fact is in is asked of the fact before it.

And no command has the id of a fact that was there before its own, whether that remembers a command
or not: who appends without looking is told so too.

On PostgreSQL: of a table that was never analysed it knows nothing, and any index that begins with the
log is as good for an equality as another: it took one that leads to every fact of the log. The next
id in order is found by one index only.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE INDEX commands_like_facts ON commands (log_id, replace(command_id, '-', ''))
WHERE command_id GLOB '????????-????-????-????-????????????';

DROP TRIGGER events_only_added;

DROP TRIGGER commands_only_added;

CREATE TRIGGER events_only_added BEFORE INSERT ON events
WHEN CASE NEW.place & 0xFFFFFFFFFF
     WHEN 1 THEN
         (SELECT log_id FROM opened_logs WHERE number = NEW.place >> 40) IS NOT NEW.log_id
         OR EXISTS (SELECT 1 FROM events WHERE place = NEW.place)
     ELSE (SELECT place = NEW.place - 1 AND log_id = NEW.log_id AND known_at <= NEW.known_at
           FROM events WHERE place <= NEW.place ORDER BY place DESC LIMIT 1) IS NOT 1
     END
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND stream_id = NEW.stream_id
             AND version = NEW.version)
  OR EXISTS (SELECT 1 FROM events WHERE log_id = NEW.log_id AND event_id = NEW.event_id)
  OR (NEW.request_hash IS NOT NULL AND EXISTS (
      SELECT 1 FROM commands WHERE log_id = NEW.log_id
      AND replace(command_id, '-', '') = NEW.event_id
      AND command_id GLOB '????????-????-????-????-????????????'))
BEGIN SELECT RAISE(ABORT, 'an event comes next, with a version and an id of its own'); END;

CREATE TRIGGER commands_only_added BEFORE INSERT ON commands
WHEN EXISTS (SELECT 1 FROM commands WHERE log_id = NEW.log_id AND command_id = NEW.command_id)
  OR (NEW.command_id GLOB '????????-????-????-????-????????????' AND EXISTS (
      SELECT 1 FROM events WHERE log_id = NEW.log_id
      AND event_id = replace(NEW.command_id, '-', '')
      AND (request_hash IS NOT NULL OR position < NEW.first_position)))
BEGIN SELECT RAISE(ABORT, 'a command with this id is there already'); END;
"""

_POSTGRESQL = """
-- Stores appends for one log, in the order in which they come. Of each kind of row the columns
-- come as arrays, those of all appends one after the other; expected_counts and fact_counts say
-- how many belong to each append, text_of and erase_of to which append each belongs. A command
-- without a salt is remembered by its one fact.
--
-- Gives for each append its first position, 0 when its command is known, or -1 when a stream is
-- not at the expected version; then the version found for each expectation. For the last two
-- nothing is stored.
CREATE OR REPLACE FUNCTION append(
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
    own uuid;          -- what the id of a command says
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
        own := fact_of(command_ids[i]);
        IF command_ids[i] IS NOT NULL AND (
            EXISTS (
                SELECT FROM commands c WHERE c.log_id = of_log AND c.command_id = command_ids[i]
            ) OR own = (
                SELECT e.event_id FROM events e
                WHERE e.log_id = of_log AND e.event_id >= own ORDER BY e.event_id LIMIT 1
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
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE.strip().split("\n\n"):
            op.execute(statement)
    else:
        # As it stands: neither a colon nor a per cent sign in it is a parameter.
        op.get_bind().connection.cursor().execute(_POSTGRESQL)
