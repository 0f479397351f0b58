hours-answer = The depot is open from { $open } to { $close }.
