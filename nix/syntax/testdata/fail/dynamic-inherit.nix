{ inherit ${a}; }
