greeting-hello = Olá { $name } 👷
greeting-hello-nameless = Olá 👷
greeting-who = Sou { $bot }, um assistente automático. As suas mensagens ficam guardadas para o acompanhamento da obra. Se não quiser receber mais mensagens, escreva *PARAR*.
greeting-what-next = O que quer fazer?

help-menu = ❓ Ajuda
help-answer =
    Como falar comigo:
    ✍️ Escreva, toque numa linha do menu ou responda com o número da linha.
    🌐 Para mudar de língua, escreva o nome da língua, por exemplo *English*.
    ✋ Para não receber mais mensagens, escreva *PARAR*.
    🚨 Em caso de emergência, ligue para o 112.

language-menu = 🌐 Língua
language-which = 🌐 Em que língua quer falar?
language-changed = Está bem, a partir de agora respondo em português.

stop-answer = Está bem, não vai receber mais mensagens. Para voltar a receber, escreva *START*.

start-answer = Que bom que voltou 👷 Vai receber mensagens outra vez.

human-menu = 💬 Falar com a equipa
human-about = Vou passar isto à equipa. É sobre o quê?
human-task = Uma tarefa
    .also = tarefa|a tarefa|as minhas tarefas|o trabalho|o meu trabalho
human-safety = A segurança
    .also = segurança|perigo|um perigo|é perigoso|acidente|urgência|emergência
human-other = Outra coisa
    .also = outro|outra|outra pergunta|outro assunto
human-called = Estou a chamar a equipa ({ $time }). Não escrevo mais até ela responder. Escreva «{ resume }» para eu voltar.
human-kept = O seu pedido está guardado ({ $time }), mas agora não há ninguém de serviço. A equipa vai vê-lo quando abrir a sua lista. Não escrevo mais até ela responder. Escreva «{ resume }» para eu voltar.
human-danger = Em caso de perigo, ligue primeiro para o 112.
human-already = A equipa já tem o seu pedido (desde as { $time }).
