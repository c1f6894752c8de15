"""What a run leaves behind: the columns of its tables, the recorder, and the store of Parquet files."""
