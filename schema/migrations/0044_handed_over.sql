-- Which conversations of a week were handed over is read without all other decisions of the routing.
CREATE INDEX chat_handed_over ON chat_routings (shop_id, at, conversation_id)
    WHERE why = 'handed_over';
