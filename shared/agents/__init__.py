"""Small units of judgement with typed input and output; called by stages through ports."""
