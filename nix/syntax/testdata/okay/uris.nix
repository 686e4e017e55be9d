[ http://example.org/a?b=c&d mailto:me@example.org x:y a.b+c-d:e ]
