"""The end-to-end cases: each test_*.py is one subject."""
