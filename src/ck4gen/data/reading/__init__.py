"""A user's table as people have it: files and data frames of any kind."""

from ck4gen.data.reading.files import read_table_file, read_table_files
from ck4gen.data.reading.frames import as_source, plain_frame
from ck4gen.data.reading.source import Source

__all__ = ["Source", "as_source", "plain_frame", "read_table_file", "read_table_files"]
