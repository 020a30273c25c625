-- channels: what the embedded simulator of an SMS provider remembers. It stands for the outside world:
-- nothing but the simulator reads it, and a message sent twice under one key is one message.

CREATE TABLE sms_sim_messages (
    key     uuid PRIMARY KEY,
    phone   text COLLATE "C" NOT NULL,
    text    text NOT NULL,
    sent_at timestamptz NOT NULL
);
