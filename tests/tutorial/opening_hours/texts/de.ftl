hours-answer = Das Lager ist von { $open } bis { $close } Uhr geöffnet.
