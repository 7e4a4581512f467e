"""What words of documents, log and errors are called: commands, pages, programs and acts say them alike."""
