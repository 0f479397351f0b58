greeting-hello = Bonjour { $name } 👷
greeting-hello-nameless = Bonjour 👷
greeting-who = Je suis { $bot }, un assistant automatique. Vos messages sont enregistrés pour le suivi du chantier. Pour ne plus rien recevoir, écrivez *STOP*.
greeting-what-next = Que voulez-vous faire ?

help-menu = ❓ Aide
help-answer =
    Voici comment me parler :
    ✍️ Écrivez, touchez une ligne du menu ou répondez avec son numéro.
    🌐 Pour changer de langue, écrivez son nom, par exemple *English*.
    ✋ Pour ne plus recevoir de messages, écrivez *STOP*.
    🚨 En cas d’urgence, appelez le 112.

language-menu = 🌐 Langue
language-which = 🌐 Quelle langue voulez-vous parler ?
language-changed = C’est noté, je vous réponds maintenant en français.

stop-answer = C’est noté, vous ne recevrez plus de messages. Pour en recevoir de nouveau, écrivez *START*.

start-answer = Content de vous retrouver 👷 Vous recevez de nouveau les messages.
