"""PostgreSQL: its facts as data, its questions in SQL, its client programs in `client.py`."""
