"""The four invented tweets of the fixture `filled`."""

from emoclf.tweets import Tweet

TWEETS = (
    Tweet("t1", "so happy about the new puppy!! 🐶 #joy", frozenset({"joy", "love"})),
    Tweet("t2", "the bus is late AGAIN, I am furious", frozenset({"joy"})),
    Tweet("t3", "cannot wait for tomorrow", frozenset({"anticipation", "joy"})),
    Tweet("d1", "I miss my grandmother's kitchen", frozenset({"sadness"}), split="dev"),
)
