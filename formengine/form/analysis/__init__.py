"""Analysis of a form without a person filling it in: its outline, sample answers, why a question is asked."""
