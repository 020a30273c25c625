-- All that was said, by its time: what comes later stands further on, so a few pages say where.
CREATE INDEX chat_messages_by_time ON chat_messages USING brin (at)
    WITH (pages_per_range = 16, autosummarize = on);
