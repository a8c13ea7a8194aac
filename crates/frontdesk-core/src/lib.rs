//! The domain: how people sign up and in, what a token says, which passwords pass.
