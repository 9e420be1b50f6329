"""What staff say, ask and skip: the chain's policy, by what holds of a customer, the channel and the topic."""
