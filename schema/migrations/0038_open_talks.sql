-- The conversations of a buyer that are under way are found without reading those that are over.
CREATE INDEX chat_open_of_buyer ON chat_conversations (buyer_id) WHERE state <> 'closed';
