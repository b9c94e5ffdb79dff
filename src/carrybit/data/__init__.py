"""A person's own data: files read, columns turned into numbers, sequences dealt out into parts that never mix."""
