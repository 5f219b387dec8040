"""The log of stages refuses every UPDATE and DELETE outside the erasing of a person, whoever asks."""

from django.db import migrations

# Deleting a user must still be possible: the event loses its actor and nothing else.
CREATE = """
CREATE FUNCTION jobs_stage_event_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('tallyboard.erase', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the log of stages is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER jobs_stage_event_is_final BEFORE UPDATE OR DELETE ON jobs_stageevent
    FOR EACH ROW EXECUTE FUNCTION jobs_stage_event_is_final();
"""
DROP = """
DROP TRIGGER jobs_stage_event_is_final ON jobs_stageevent;
DROP FUNCTION jobs_stage_event_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
