### Français. Un message par phrase ; `{ $n }` compte, et choisit la forme selon les règles de pluriel (CLDR).
### L'espace devant « : », « ; », « ! » et « ? » est insécable (U+00A0), celle des milliers est fine (U+202F).

## Nombres, tailles, durées et dates.

decimal-mark = ,
thousands-mark = { "\u202F" }
unit-byte = o
unit-kilo = ko
unit-mega = Mo
unit-giga = Go
unit-tera = To
unit-peta = Po
unit-minute = min
unit-hour = h
unit-day = j
# Un nombre et son unité.
measure = { $number } { $unit }
weekday-1 = lun.
weekday-2 = mar.
weekday-3 = mer.
weekday-4 = jeu.
weekday-5 = ven.
weekday-6 = sam.
weekday-7 = dim.
month-1 = janv.
month-2 = févr.
month-3 = mars
month-4 = avr.
month-5 = mai
month-6 = juin
month-7 = juil.
month-8 = août
month-9 = sept.
month-10 = oct.
month-11 = nov.
month-12 = déc.
# Le premier jour du mois.
first-of-month = 1er
date = { $weekday } { $day } { $month } { $year }
date-and-time = { $date }, { $time }
# Between the clauses of a sentence.
between-clauses = { "\u00A0; " }
ago = il y a { $span }

## Pages.

never = jamais
none = aucun
overview = Vue d'ensemble
alerts = Alertes
agents = Agents
skip = Aller au contenu
written = Écrite
reload = Recharger
new-figures = De nouveaux chiffres sont prêts.
no-script = JavaScript est désactivé : cette page ne peut pas dire d'elle-même qu'elle est trop ancienne. Regardez l'heure à laquelle elle a été écrite. Tout le reste est complet.
no-script-timeless = JavaScript est désactivé : cette page ne peut pas dire son âge et reste grise. La vue d'ensemble indique quand le site a été écrit. Tout le reste est complet.
times-are = Heures de { $timezone }
same-as-json = Les mêmes données en JSON

## Page périmée, pour le navigateur.

stale-heading = Impossible de dire si les sauvegardes sont sûres
stale-text = Ce site ne se met plus à jour depuis { $span }. Ne vous fiez pas aux chiffres ci-dessous. Vérifiez sur le serveur que cron ou le minuteur lance encore backupmon : backupmon doctor
unknown-since = Inconnu depuis le { $time }
stamp-missing = Le fichier data/stamp.js est illisible : impossible de dire l'âge de cette page.
clock-ahead = Cette page est datée du futur : l'horloge de ce poste ou celle du serveur est fausse, les âges affichés ne sont pas fiables.
not-yet-known = Recherche de l'heure du dernier passage. D'ici là, rien ne dit que cette page est à jour.

## Verdict.

safe = { $n ->
    [one] La sauvegarde est sûre
   *[other] Les { $n } sauvegardes sont sûres
}
running-late = Aucune sauvegarde à risque, { $n } en retard
at-risk = { $n ->
    [one] { $n } sauvegarde sur { $total } est à risque
   *[other] { $n } sauvegardes sur { $total } sont à risque
}
safe-so-far = { $n ->
    [one] { $n } sauvegarde sur { $total } est vérifiée à ce jour, aucune n'est à risque
   *[other] { $n } sauvegardes sur { $total } sont vérifiées à ce jour, aucune n'est à risque
}
agents-trouble = Aucune sauvegarde n'est en échec ni absente, mais autre chose demande attention
worth-a-look = Aucune sauvegarde à risque, { $n } à regarder
cannot-say = Impossible de dire si les sauvegardes sont sûres
no-jobs = Aucune sauvegarde n'est attendue : aucune tâche n'est surveillée, rien n'a donc été vérifié.
no-scan = Aucun passage n'est encore allé à son terme : rien n'est connu.
old-scan = Le dernier passage s'est terminé le { $time }. Rien de plus récent n'est connu.
nothing-judged = Aucune des sauvegardes attendues n'a encore été jugée.
verified = { $n ->
    [one] { $n } a une copie vérifiée.
   *[other] { $n } ont une copie vérifiée.
}
unkept = { $n ->
    [one] { $n } a été vérifiée à son arrivée, mais n'est pas gardée.
   *[other] { $n } ont été vérifiées à leur arrivée, mais ne sont pas gardées.
}
none-kept = { $n ->
    [one] { $n } sauvegarde sur { $total } a été vérifiée et n'est pas gardée
   *[other] { $n } sauvegardes sur { $total } ont été vérifiées et ne sont pas gardées
}
late = { $n ->
    [one] { $n } est en retard, avant son échéance.
   *[other] { $n } sont en retard, avant leur échéance.
}
pending = { $n ->
    [one] { $n } n'est pas encore attendue.
   *[other] { $n } ne sont pas encore attendues.
}
paused = { $n ->
    [one] { $n } autre est en pause volontaire : ni en retard, ni manquante.
   *[other] { $n } autres sont en pause volontaire : ni en retard, ni manquantes.
}
years-over = { $n ->
    [one] { $n } autre est absente parce que son année est finie ; elle ne compte pas parmi celles à risque. Retirez-la.
   *[other] { $n } autres sont absentes parce que leur année est finie ; elles ne comptent pas parmi celles à risque. Retirez-les.
}
year-over-mark = année terminée
all-covered = Chacune de celles à risque garde une bonne copie plus ancienne ; la plus vieille a { $span }.
no-copy = { $n ->
    [one] { $n } n'a aucune bonne copie.
   *[other] { $n } n'ont aucune bonne copie.
}
undelivered = { $n ->
    [one] { $n } message n'est encore parvenu à personne ; lancez backupmon notify et lisez son erreur.
   *[other] { $n } messages ne sont encore parvenus à personne ; lancez backupmon notify et lisez son erreur.
}
unwatched = Personne ne surveille backupmon lui-même : réglez [heartbeat] url, ou faites appeler backupmon check par Nagios.
assumed = { $n ->
    [one] { $n } horaire est supposé ; backupmon jobs suggest déduit le vrai.
   *[other] { $n } horaires sont supposés ; backupmon jobs suggest déduit les vrais.
}
on-trial = { $n ->
    [one] { $n } tâche est à l'essai ; son absence n'alerte pas encore.
   *[other] { $n } tâches sont à l'essai ; leur absence n'alerte pas encore.
}
backlog = Des fichiers attendent d'être lus : le plus ancien depuis { $span }.
# The backup server's own part of the overview.
server-heading = Le serveur de sauvegarde
space-kept = Versions gardées
space-need = au plus { $size } quand chaque règle est remplie
space-free = Libre pour les versions
space-of = sur { $size }
space-full = Espace plein
space-full-about = vers le { $day }
# `size` is what is added each day.
space-growth = à la croissance actuelle de { $size } par jour
space-full-never = pas en vue
space-full-never-text = tout ce que les règles gardent trouve place
space-full-standstill-text = rien ne croît pour l'instant
space-notice = L'espace pour les versions sera plein vers le { $day } à la croissance actuelle : agrandissez-le, ou gardez moins. Voyez backupmon doctor.
newcomer = { $old } ne répond plus, et { $new }, qui est nouveau, apporte { $n } de ses { $total } bases. Si c'est le même site : { $command }
orphans = { $n ->
    [one] { $n } tâche supprimée a encore des versions ({ $size }) ; elles ne sont jamais effacées. Pour la suivre de nouveau : { $command }
   *[other] { $n } tâches supprimées ont encore des versions ({ $size }) ; elles ne sont jamais effacées. Pour suivre de nouveau la première : { $command }
}

## Échelle de restauration.

ladder-heading = S'il fallait restaurer maintenant
ladder-text = Âge de la dernière bonne copie, par tâche, au { $time }
ladder-day = moins de 24 h
ladder-two-days = 1 à 2 jours
ladder-week = 2 à 7 jours
ladder-older = plus de 7 jours
ladder-never = aucune
as-planned = comme prévu
schedule-assumed = horaire supposé ({ $n })
overdue = en retard ({ $n })

## À traiter.

attention = À traiter maintenant
causes = { $n ->
    [one] { $n } cause
   *[other] { $n } causes
}
jobs = { $n ->
    [one] { $n } tâche
   *[other] { $n } tâches
}
agents-n = { $n ->
    [one] { $n } agent
   *[other] { $n } agents
}
all-clear = Rien à faire.
more-on-alerts = { $n ->
    [one] { $n } autre sur la page Alertes
   *[other] { $n } autres sur la page Alertes
}
more-causes = { $n ->
    [one] { $n } autre cause n'est pas dans cette liste. Toutes les causes :
   *[other] { $n } autres causes ne sont pas dans cette liste. Toutes les causes :
}
since = Depuis
last-good = Dernière bonne copie
oldest-good = La plus ancienne dernière bonne copie
do-next = À faire :
contact = Contact
acknowledged = Pris en charge par { $who }
acknowledged-until = Pris en charge par { $who } jusqu'au { $time }
paused-until = En pause, par { $who }, jusqu'au { $time }
paused-for-good = En pause, par { $who }, sans fin
with-reason = { $said } : { $why }
look-heading = À regarder
server = le serveur de backupmon

## Listes.

all-jobs = Toutes les tâches
all-agents = Tous les agents
search = Chercher une tâche, un site, une ville
any-status = Tous les états
shown = Affichées : { $n } sur { $total }
no-match = Rien ne correspond.
status = État
job = Tâche
agent = Agent
size = Taille
next-due = Prochaine attendue
version = Version courante
no-label = Sans société
last-report = Dernier rapport
first-seen = Vu la première fois
calm-agents = { $n ->
    [one] { $n } agent calme
   *[other] { $n } agents calmes
}
calm-left-out = Les agents calmes sont omis ici.
list-of-agents = Liste de tous les agents

## Page d’une tâche.

deadline = Absente à partir de
schedule = Planification et rétention
setting = Réglage
value = Valeur
set-by = Réglé par
set-by-job = la tâche elle-même
set-by-rule = règle { $n }
set-by-nobody = personne : valeur par défaut
integrity = Intégrité
expected-hash = SHA-256 du rapport de l'agent
computed-hash = SHA-256 calculé ici
hashes-equal = Les deux concordent.
hashes-equal-inside = Celui de l'agent est celui du contenu décompressé, et concorde.
hashes-differ = Ils diffèrent.
not-given = non donné
not-computed = non calculé
restore-line = S'il fallait restaurer maintenant, vous auriez la copie du { $time }.
no-restore-line = Il n'y a aucune bonne copie à restaurer.
unkept-line = La sauvegarde du { $time } a été vérifiée à son arrivée, mais aucune copie entière n'en est gardée.
history = Historique
versions = Versions
kept-by = Gardée par
sentence = Ce qui s'est passé
report = Rapport
judged = Jugée
superseded = remplacé
verifying = en vérification
held = retenue
pinned = épinglée
damaged = endommagée
chip-damaged = Endommagée
trial = à l'essai
# Beside a status: nobody is told of the job, or nobody is reminded of what is wrong.
muted = sans messages
acknowledged-mark = pris en charge
# `until` is one of the phrases below.
maintenance-until = Rien n'est attendu pendant la maintenance, jusqu'au { $time }
maintenance = Rien n'est attendu pendant la maintenance
muted-line = Personne n'en est averti entre-temps ; ce qui reste mauvais à la fin est dit alors.
assumed-word = supposé
current = courante
verified-at = Vérifiée
goes = part au prochain passage
note = Note : { $said }
warnings = Avertissements : { $said }
site-title = Sauvegardes
last-change = Données changées

## Page des alertes.

open-now = Ouvertes
running-late-heading = En retard, pas encore d'alerte
resolved-heading = Résolues ces 30 derniers jours
resolved = Résolue
opened = Ouverte
lasted = Durée
kind = Genre

## Ce qui s’est passé, et que faire.

silent-agent = Rien n'est arrivé à temps de cet agent : ses { $n } tâches sont absentes. Une seule cause.
silent-agents = { $n } agents se sont tus en deux heures : { $names }. Une cause commune est probable.
held-together = { $n } tâches de cet agent ont été retenues dans un même passage : chiffrement ou perte de données possible sur le site. { $said }
same-cause = { $n } tâches de cet agent échouent de la même façon. Par exemple { $job } : { $said }
not-kept-together = { $n } sauvegardes vérifiées n'ont pas pu être gardées. Une seule cause est probable. Par exemple : { $said }
do-silent = vérifiez courant, lien internet et service de sauvegarde du site ; puis
do-missing-alone = l'agent est là et fait ses rapports, mais sans cette base : cherchez pourquoi sa sauvegarde ne tourne plus ; puis
do-missing = vérifiez que le site est en ligne et que sa sauvegarde a tourné ; puis
do-failed = réparez sur le site ce que dit le message ; historique :
do-integrity = demandez un nouvel envoi au site ; détails :
do-corrupt = demandez un nouvel export au site, et cherchez pourquoi celui-ci est incomplet ; détails :
do-held = cherchez si les données ont été changées exprès ; si oui, acceptez :
do-agent = regardez le dossier et les rapports de l'agent :
do-server = regardez le serveur :
do-years = retirez-les, ou cherchez pourquoi elles se sont arrêtées si elles ne devaient pas :
do-retired = attendez-la de nouveau, ou faites-la arrêter sur place :
ask-contact = demandez à { $who } ;

## États.

status-pending = En attente
status-success = Réussie
status-unchanged = Inchangée
status-late = En retard
status-failed = Échec
status-hash-mismatch = Empreinte différente
status-corrupt = Corrompue
status-missing = Absente
status-paused = En pause
status-retired = Terminée

## Le mois, les bandes et les graphiques.

day = { $day } { $month }
today = aujourd'hui
percent = { $number } %
n-of-total = { $n } sur { $total }
strip = 30 derniers jours : { $said }
strip-several = { $n ->
    [one] 30 derniers jours : { $n } sauvegarde attendue sur { $total } est arrivée et est bonne
   *[other] 30 derniers jours : { $n } sauvegardes attendues sur { $total } sont arrivées et sont bonnes
}
mark-nothing = Rien de jugé
mark-integrity = Intégrité rompue
mark-held = Retenue
month-heading = 30 derniers jours
month-text = Sauvegardes absentes ou mauvaises, par jour
month-expected = { $n ->
    [one] de { $n } sauvegarde attendue, arrivée et bonne.
   *[other] des { $n } sauvegardes attendues sont arrivées et sont bonnes.
}
month-clean = { $n ->
    [one] { $n } jour sans aucun ennui
   *[other] { $n } jours sans aucun ennui
}
day-bad = { $n ->
    [one] { $day } : { $n } sur { $total } absente ou mauvaise
   *[other] { $day } : { $n } sur { $total } absentes ou mauvaises
}
means-heading = Le sens des marques
means-text = Dans les bandes de 30 jours, le calme est bas et l'ennui est haut : elles se lisent sans couleur.
means-good = Arrivée, et ses octets sont ceux que l'agent annonce.
means-unchanged = Comme Réussie, avec les mêmes octets que la précédente.
means-late = Attendue et pas encore absente ; ou arrivée après son échéance.
means-missing = Aucun rapport n'est arrivé avant l'échéance.
means-failed = L'agent annonce un échec, ou son fichier n'est pas là.
means-integrity = Les octets d'ici ne sont pas ceux que l'agent annonce, ou le contenu n'est pas une sauvegarde entière.
means-held = Arrivée, mais suspecte : mise de côté jusqu'à ce que quelqu'un décide.
means-paused = Arrêtée volontairement : jamais en retard ni manquante. Ce qui arrive est jugé, et alerte, comme toujours.
arrival = Arrivée
arrival-text = Un repère par sauvegarde. Sous la première ligne, elle est arrivée en avance ; au-dessus de la seconde, elle serait absente.
arrival-label = { $n ->
    [one] { $n } sur { $total } est arrivée avant de compter comme absente
   *[other] { $n } sur { $total } sont arrivées avant de compter comme absentes
}
axis-due = attendue
axis-missing = absente
before-due = en avance
in-time = à temps
time-heading = Où passe le temps
step-backup = export
step-compress = compression
step-transfer = transfert
longest-step = Étape la plus longue : { $step }, { $time }
sizes-heading = Taille
sizes-label = Médiane des bonnes : { $median }
schedule-heading = Quand elle est attendue
usual-arrival = Arrivée habituelle : { $time }
ruler-label = Attendue à { $due }, absente à partir de { $deadline } ({ $zone })
due = attendue
received-per-day = Reçu par jour
received-text = Bonnes sauvegardes de cet agent, telles qu'envoyées.
received-month = Reçu en 30 jours
intact-month = Bonnes sur 30 jours

## Listes et recherche.

no-city = Sans ville
at-risk-all = À risque (toutes)
safe-all = Sûres (réussies, inchangées)
all-agents-option = Tous les agents
clear-filters = Effacer les filtres
collapse-all = Tout replier
toggle = Afficher ou masquer les tâches de { $agent }
days-column = 30 jours
loading = Chargement de la liste des tâches…
load-error = La liste des tâches n'a pas pu être chargée. Ouvrez plutôt la page de l'agent.
show-more = En afficher { $n } de plus
auto-refresh = Actualisation auto
keys = Touches : / chercher, Échap effacer

## Détails d'une tâche.

integrity-text = L'agent calcule un SHA-256 avant l'envoi ; ce serveur le recalcule sur ce qui est arrivé.
expected-size = Taille dans le rapport de l'agent
measured-size = Taille ici
size-short = { $size } de moins
size-over = { $size } de plus
retention-line = Versions gardées : les { $last } dernières, toutes celles de { $within }, par jour { $daily }, par semaine { $weekly }, par mois { $monthly }, par an { $yearly }, et jamais moins de { $least } bonnes. Aucune ne part avant qu'une plus récente soit vérifiée.
kept-last = une des dernières
kept-within = récente
kept-daily = du jour
kept-weekly = de la semaine
kept-monthly = du mois
kept-yearly = de l'année
kept-least = minimum de bonnes
kept-current = courante
kept-pinned = épinglée
kept-held = retenue
kept-before-hold = d'avant la retenue
kept-damaged = rien de mieux n'est là
kept-critical = la tâche va mal
kept-clock = l'horloge a sauté
took = export + compression + transfert
messages = Messages envoyés
no-messages = Aucun n'a été envoyé ces 30 derniers jours.
news-opened = Ouverture
news-changed = Changement
news-reminder = Rappel
news-resolved = Rétablissement
not-sent = Pas encore remis. { $error }

## Détails des alertes.

alerts-text = Une alerte s'ouvre avec la première mauvaise sauvegarde et se ferme seule avec la prochaine bonne. Les retards sont listés sans courriel.
resolved-month = Résolues en 30 jours
median-recovery = Délai médian de rétablissement
longest-recovery = Le plus long

## Courriels.

mail-new = Nouveau
mail-resolved = Résolu
mail-critical = CRITIQUE
mail-warning = AVERTISSEMENT
mail-changed = (a changé)
mail-more-causes = { $n ->
    [one] { $n } autre cause avec { $alerts } n'est pas détaillée ici :
   *[other] { $n } autres causes avec { $alerts } ne sont pas détaillées ici :
}
mail-more = { $n ->
    [one] et { $n } autre cause avec { $alerts }
   *[other] et { $n } autres causes avec { $alerts }
}
mail-alerts = { $n ->
    [one] { $n } alerte
   *[other] { $n } alertes
}
mail-and-more = { $n ->
    [one] et { $n } autre
   *[other] et { $n } autres
}
mail-after = après { $span }
mail-footer = Prendre une alerte en charge :
mail-test-subject = message d'essai
mail-test = Ceci est un message d'essai de backupmon. Qui le lit sera prévenu quand une sauvegarde est mauvaise ou absente.

# Devant ce qui est dit d'une cause, en colonne.
mail-databases = Bases :
mail-was = Cause :
mail-lasted = Durée :
mail-since = Depuis :
mail-last-good = Bonne copie :
mail-said = Constat :
mail-example = Exemple :
mail-to-do = À faire :
mail-contact = Contact :
mail-note = Note :
mail-lasted-when = { $span }, du { $from } au { $until }
mail-old = il y a { $span }
mail-oldest = il y a { $span }, la plus ancienne
mail-no-copy = aucune
mail-no-copy-of-one = aucune, pour une tâche au moins

# Têtes des tableaux.
mail-head-what = Quoi
mail-head-was = Cause
mail-head-lasted = Durée
mail-head-from = Du
mail-head-to = Au
mail-head-since = Depuis
mail-head-last-good = Dernière bonne copie
mail-head-said = Constat
mail-head-do = À faire

mail-agents = { $n ->
    [one] { $n } agent
   *[other] { $n } agents
}
mail-agents-of = { $n ->
    [one] { $n } agent de { $place }
   *[other] { $n } agents de { $place }
}
mail-silent-together = { $whom } se sont tus à peu près en même temps ({ $jobs })
mail-report-again = { $whom } répondent de nouveau ({ $jobs })
mail-silent = { $whom } ne répond plus du tout ({ $jobs })
mail-reports-again = { $whom } répond de nouveau ({ $jobs })
mail-held = { $n ->
    [one] { $whom } : { $n } sauvegarde retenue dans un même passage
   *[other] { $whom } : { $n } sauvegardes retenues dans un même passage
}
mail-held-danger = { $n ->
    [one] { $whom } : { $n } sauvegarde retenue dans un même passage, chiffrement ou perte de données possible sur le site
   *[other] { $whom } : { $n } sauvegardes retenues dans un même passage, chiffrement ou perte de données possible sur le site
}
mail-same = { $whom } : { $label } ({ $jobs })
mail-single = { $whom } : { $label }

# Dans un objet.
subject-critical = { $n ->
    [one] { $n } critique
   *[other] { $n } critiques
}
subject-warnings = { $n ->
    [one] { $n } avertissement
   *[other] { $n } avertissements
}
subject-resolved = { $n ->
    [one] { $n } résolue
   *[other] { $n } résolues
}
subject-news = { $counts } : { $names }
subject-with-digest = (avec le bilan)
subject-digest = bilan :
subject-still-open = { $what } en cours
subject-older = { $n ->
    [one] { $n } ouverte depuis plus d'une semaine
   *[other] { $n } ouvertes depuis plus d'une semaine
}
subject-nothing = rien à rappeler
subject-unknown = état des sauvegardes INCONNU
subject-unwatched = rien n'est surveillé
subject-all-good = { $n ->
    [one] { $n } sauvegarde, bonne
   *[other] les { $n } sauvegardes sont bonnes
}
subject-some-good = { $n ->
    [one] { $n } bonne sur { $total }
   *[other] { $n } bonnes sur { $total }
}

# Dans le bilan.
digest-overview = Vue d'ensemble
digest-unknown = L'état des sauvegardes est INCONNU : le dernier passage s'est terminé le { $time }.
digest-no-scan = L'état des sauvegardes est INCONNU : aucun passage n'est jamais allé à son terme.
digest-unwatched = Rien n'est surveillé : aucune tâche n'est active.
digest-all-good = { $n ->
    [one] La sauvegarde surveillée est bonne.
   *[other] Les { $n } sauvegardes surveillées sont bonnes.
}
digest-some-good = { $n ->
    [one] { $n } sauvegarde surveillée sur { $total } est bonne.
   *[other] { $n } sauvegardes surveillées sur { $total } sont bonnes.
}
digest-last-scan = Le dernier passage s'est terminé le { $time }.
digest-count = { $what } : { $n }
digest-undelivered = { $n ->
    [one] { $n } message à un autre destinataire n'est pas remis, depuis le { $time }.
   *[other] { $n } messages à d'autres destinataires ne sont pas remis, depuis le { $time }.
}
digest-none-open = Rien de déjà signalé ne reste ouvert sans que quelqu'un s'en occupe.
digest-still-open = Toujours en cours
digest-older = { $n ->
    [one] { $n } ouverte depuis plus d'une semaine, détaillée le lundi :
   *[other] { $n } ouvertes depuis plus d'une semaine, détaillées le lundi :
}
digest-taken-on = Prises en charge ou mises en sourdine
digest-taken-until = { $what } : par { $who } jusqu'au { $time } : { $why }
digest-taken = { $what } : par { $who } jusqu'à la résolution : { $why }
digest-paused = En pause : non surveillées
digest-paused-until = { $what } : par { $who } jusqu'au { $time }
digest-paused-for-good = { $what } : par { $who } sans fin
digest-on-trial = À l'essai : { $n }
digest-trial-came = Toutes sont venues à temps.
digest-trial-absent = Celles-ci ne sont pas venues :
digest-look = À regarder
digest-assumed-heading = Horaires supposés
digest-assumed = { $n ->
    [one] Personne n'a réglé l'horaire de { $n } tâche :
   *[other] Personne n'a réglé l'horaire de { $n } tâches :
}

## Ce qui ne va pas : les mots des causes et des problèmes.

label-backup-failed = l'export a échoué chez l'agent
label-compress-failed = la compression a échoué chez l'agent
label-transfer-failed = le transfert a échoué chez l'agent
label-agent-failed = l'agent dit que toute son opération a échoué
label-entry-invalid = le rapport de l'agent ne dit rien de vérifiable
label-file-absent = le fichier annoncé n'est pas arrivé
label-file-unreadable = le fichier est illisible
label-not-a-regular-file = ce qui se trouve là n'est pas un fichier ordinaire
label-file-not-replaced = une nouvelle sauvegarde est annoncée, mais l'ancien fichier est toujours là
label-never-settled = le fichier ne cesse de changer
label-same-file = deux bases nomment le même fichier
label-hash-differs = le fichier n'est pas celui que l'agent a fait
label-hash-invalid = l'agent donne une empreinte qui n'en est pas une
label-size-differs = le fichier n'a pas la taille annoncée par l'agent
label-truncated = la sauvegarde est tronquée
label-empty = la sauvegarde est vide
label-bad-archive = l'archive est abîmée
label-no-dump-trailer = l'export n'a pas de fin
label-no-report = aucun rapport n'est venu à temps
label-year-ended = aucun rapport n'est venu, et son année est finie
label-report-unreadable = le rapport de l'agent est illisible
label-clock-skew = l'horloge de l'agent avance
label-deposit-unreadable = le dossier de l'agent a disparu ou est illisible
label-agent-never-reported = l'agent a un dossier mais n'a jamais fait de rapport
label-dumps-without-report = des exports arrivent, mais aucun rapport
label-promotion-failed = une bonne sauvegarde n'a pas pu être gardée
label-version-held = une sauvegarde paraît fausse et est retenue
label-version-damaged = une version gardée est endommagée
label-year-not-started = la base de la nouvelle année n'a pas commencé
label-year-over = des bases d'années finies sont encore attendues
label-retired-reports = une sauvegarde terminée revient
label-name-invalid = un nom n'en est pas un
label-too-many-jobs = plus de bases que permis
label-deposits-unavailable = les dépôts sont illisibles
label-backlog = le serveur ne lit pas assez vite
label-disk-low = le disque du serveur est presque plein
label-state-damaged = l'état de backupmon est endommagé
label-mail-refused = un courriel est refusé
label-no-checksum = aucune empreinte donnée
label-size-jump = bien plus grosse que d'habitude
label-same-bytes = mêmes octets qu'une autre base
label-content-unchecked = contenu non vérifié
label-unchanged-too-long = inchangée depuis trop longtemps
label-size-drop = bien plus petite que d'habitude
label-kind-changed = contenu d'un autre genre
label-incompressible = ne se compresse plus
label-content-short = bien moins de contenu que d'habitude

## Que faire, dans un courriel.

advice-at-agent = Lisez le journal de l'agent ; son message figure ci-dessus. La dernière bonne version est gardée.
advice-transfer = Regardez la ligne entre l'agent et le serveur, et la place libre des deux côtés.
advice-script = Corrigez le script de l'agent : son rapport ne peut être comparé à aucun fichier.
advice-arrival = Regardez si le transfert de l'agent a été coupé ou va dans un autre dossier.
advice-owner = Regardez le propriétaire et les droits de ce qui se trouve dans le dossier de l'agent.
advice-resend = Ne vous fiez pas à ce fichier. Faites-le renvoyer par l'agent ; la dernière bonne version est gardée.
advice-new-dump = Ne vous fiez pas à ce fichier, même si son empreinte concorde : c'est l'export qui a mal tourné sur le site.
advice-silent = Regardez si le site est en ligne, si l'agent tourne et si sa ligne fonctionne.
advice-unreadable = Corrigez le script de l'agent.
advice-clock = Réglez l'horloge en cause, ou le fuseau horaire de l'agent dans la configuration.
advice-set-up = Terminez l'installation de l'agent : sans rapport, rien ne peut être vérifié.
advice-room = Faites de la place là où les versions sont gardées, ou gardez-en moins.
advice-held = Cherchez d'abord si les données du site sont entières ; puis acceptez la version, ou attendez-en une bonne.
advice-damaged = Examinez le disque. En attendant, la version entière la plus récente sert.
advice-new-year = Faites sauvegarder la nouvelle base du site, ou retirez la famille.
advice-year-over = Retirez-les. Si l'une d'elles ne devait pas finir, cherchez pourquoi le site ne l'envoie plus.
advice-retired = Attendez-la de nouveau si elle doit être surveillée, ou faites-la arrêter sur le site.
advice-too-many = Regardez ce que l'agent annonce ; augmentez max_jobs_per_agent si c'est juste.
advice-deposits = Regardez si les dépôts sont montés. D'ici là, rien n'est jugé.
advice-backlog = Donnez plus de temps au serveur, ou faites-lui lire moins : voyez les fils et l'échéance du passage.
advice-state = Vérifiez l'état, et reconstruisez-le depuis les versions s'il le faut.
advice-mail = Corrigez l'adresse, ou adressez-vous à qui tient le serveur de courrier.
advice-site = Voyez le site d'état.

## Phrases d'un jugement. L'état les garde en anglais ; elles y sont reconnues et redites ici.

said-agent-failed = l'agent signale « { $word } » pour toute l'opération
said-step-failed = l'agent signale l'échec de l'étape { $step } : { $error }
said-step-failed-silently = l'agent signale l'échec de l'étape { $step }, sans message
said-no-file = l'agent annonce un succès mais ne nomme aucun fichier déposé (« staged_file_name »)
said-nothing-to-compare = l'agent annonce un succès mais ne donne ni empreinte ni taille à comparer
said-no-digest = l'étape { $step } ne donne pas de SHA-256 unique à comparer : « { $text } »
said-absent = le fichier annoncé « { $file } » n'est pas dans le dépôt
said-no-regular-file = « { $file } » n'est pas un fichier ordinaire ({ $kind })
said-unreadable = « { $file } » est illisible : { $reason }
said-shared-file = « { $file } » est nommé par deux bases du rapport : il ne peut être que d'une seule
said-entry-invalid = l'entrée du rapport n'est pas valable : { $said }
said-never-settled = le fichier a changé pendant sa lecture
said-verified = vérifiée : le SHA-256 du fichier déposé concorde
said-verified-by-backup = vérifiée : le SHA-256 de BACKUP est celui du fichier déposé
said-verified-by-content = vérifiée : le SHA-256 de BACKUP est celui du contenu décompressé, prouvé de bout en bout
said-end-to-end = contenu prouvé de bout en bout
said-size-agrees = la taille concorde
said-content-size-agrees = la taille de BACKUP est celle du contenu décompressé
said-no-checksum = l'agent n'a pas donné d'empreinte, les octets ne sont donc pas prouvés
said-size-wrong = la taille annoncée est fausse ({ $size1 } annoncés, { $size2 } trouvés)
said-hash-differs = les octets sur le serveur ne sont pas ceux que l'agent annonce : SHA-256 { $found }…, annoncé { $reported }…
said-bytes-differ = { $bytes1 } octets annoncés, { $bytes2 } trouvés
said-size-differs = pas d'empreinte, et la taille diffère : { $bytes1 } octets annoncés, { $bytes2 } trouvés
said-not-compared = son contenu n'a pas pu être comparé : { $said }
said-not-checked = contenu non vérifié : { $said }
said-content-differs = le contenu n'est pas celui que BACKUP a fait (SHA-256 { $found }…, annoncé { $reported }…)
said-content-short = le contenu est plus court que celui que BACKUP a fait ({ $bytes1 } octets sur { $bytes2 })
said-cut-off = les données { $kind } s'arrêtent avant leur fin, après { $bytes } octets décompressés
said-data-damaged = les données { $kind } sont abîmées après { $bytes } octets décompressés : { $said }
said-shorter = { $kind } : plus court que ne le dit sa propre structure, il manque { $said }
said-damaged = { $kind } : abîmé ({ $said })
said-no-closing-line = { $kind } : sans sa ligne finale « { $line } », donc coupé ou interrompu
said-no-bytes = le fichier n'a aucun octet
said-nothing-inside = la décompression ne donne rien
said-zeros = le contenu n'est fait que d'octets nuls
said-odd-size = { $size1 }, c'est { $said } la médiane de { $size2 } des { $n } dernières bonnes
said-decompressed = { $size } décompressés
said-tenth = moins d'un dixième de
said-half = moins de la moitié de
said-jump = plus de 3 fois
said-kind-changed = contenu : { $now }, alors que { $n } des { $total } dernières bonnes étaient { $then }
said-incompressible = compressée { $now } fois, alors que le minimum des { $n } dernières bonnes était { $least } fois
said-same-bytes = le rapport donne à « { $twin } » le même SHA-256
said-second-equal = les mêmes octets pour la deuxième fois, alors que { $n } de ses { $total } dernières étaient nouvelles
said-still-equal-since = les mêmes octets depuis le { $time }, alors que ses sauvegardes étaient toujours nouvelles
said-still-equal = les mêmes octets, alors que ses sauvegardes étaient toujours nouvelles
said-lasting = la taille réduite est tenue pour durable : { $n } sauvegardes de suite d'environ { $size }
said-held = la version la plus récente est retenue : { $said }
said-held-already = sa version est déjà retenue
said-accepted = acceptée par { $who }
said-superseded = remplacé par un rapport plus récent
said-missing = aucun rapport pour la sauvegarde attendue le { $time1 }, jusqu'au { $time2 }
said-last-reported = dernier rapport de l'agent le { $time }
said-never-reported = l'agent n'a jamais fait de rapport
said-year-ended = aucun rapport n'est venu, et son année est finie
said-retired = elle était terminée et revient : ce qui arrive est jugé et gardé, mais personne n'est prévenu quand elle s'arrête
said-rejected = le rapport « { $file } » est rejeté : { $said }
said-folder-gone = son dossier a disparu
said-folder-unreadable = son dossier est illisible : { $reason }
said-no-agents-name = le nom de ce dossier n'est pas un nom d'agent : renommez-le
said-not-set-up = aucun rapport lisible n'est venu depuis que son dossier est connu : l'agent est-il réglé pour en envoyer ?
said-dumps-only = ses exports changent et aucun rapport ne vient : sans rapport, ils ne sont pas surveillés
said-clock = l'horloge de l'agent avance de { $span } (rapport « { $file } ») : réglez-la
said-no-names = noms de base invalides dans le rapport « { $file } » : { $n }, le premier est « { $name } » : aucune tâche n'en est faite
said-too-many = l'agent nomme plus de { $n } bases : les autres ne sont pas surveillées
said-backlog = le plus ancien rapport (« { $file } » de { $agent }) attend d'être jugé depuis { $span } : la lecture ne suit pas, ou ce qu'il nomme est illisible
said-backlog-unread = aucun fichier de { $job } n'a été lu depuis { $span }, malgré tous les rapports arrivés : la lecture ne suit pas
said-disk-low = { $size1 } sont libres pour les versions, { $size2 } doivent le rester (« min_free » de [promote]) : plus rien n'est promu
said-too-little-space = trop peu de place sous le dossier validé : { $size1 } libres, { $size2 } nécessaires, { $size3 } à garder libres
said-not-kept = la sauvegarde vérifiée de { $job } n'a pas pu être gardée : { $said }
said-deposits-empty = les dépôts sont vides alors que des agents sont connus
said-year-not-started = c'est toujours la dernière année de sa famille : aucune de { $expected } n'a commencé

## Badge et flux.

badge-label = sauvegardes
badge-unknown = inconnu
badge-at-risk = { $n } sur { $total } à risque
badge-attention = à traiter
badge-warning = { $n } sur { $total } bonnes, à regarder
badge-good = { $n } sur { $total } bonnes
feed-recovered = Résolu : { $what }
feed-entry = { $whom } : { $label }

# Why a report is rejected, a dump or a version is damaged, and what is wrong with the server itself.
said-report-empty = le rapport est vide
said-maybe-cut = il a peut-être été coupé en chemin
said-utf16 = le rapport est encodé en UTF-16
said-write-utf8 = écrivez-le en UTF-8
said-not-utf8 = le rapport n'est pas en UTF-8 (octet 0x{ $byte }, ligne { $line })
said-comments = le rapport est du JSON avec des commentaires (ligne { $line }, colonne { $column })
said-no-comments = JSON n'en a pas, omettez-les
said-ends-early = le rapport finit trop tôt : { $said }
said-send-again = il a peut-être été coupé en chemin, renvoyez-le entier
said-not-json = le rapport n'est pas du JSON : { $said }
said-parser = « { $parser } », ligne { $line }, colonne { $column }
said-json-library = écrivez-le avec une bibliothèque JSON
said-not-object = le rapport est { $said }
said-must-be-object = ce doit être un objet JSON avec « agent_id » et « databases »
said-key-missing = le rapport n'a pas de « { $key } »
said-must-name = il doit nommer son agent dans « agent_id » et ses bases dans « databases »
said-wrong-type = « { $key } » du rapport est { $said }
said-must-be = ce doit être { $said }
said-key-twice = « { $key } » est deux fois dans le rapport
said-stand-once = il ne doit y être qu'une fois
said-database-twice = le rapport nomme deux fois la base « { $name } »
said-each-once = chacune ne doit y être qu'une fois
said-many-databases = le rapport nomme plus de { $n } bases
said-split = répartissez-le sur plusieurs rapports
said-other-agent = le rapport parle pour un autre agent : « agent_id » est « { $name } », mais il se trouve dans le dossier de « { $agent } »
said-alias = si l'agent peut s'appeler ainsi, ajoutez-le aux « aliases » d'une règle pour lui
said-text = un texte
said-bool = un booléen
said-null = null
said-list = une liste
said-object = un objet
said-number = un nombre
said-object-of-databases = un objet avec une clé par base
said-expected-once = « { $key } » y est deux fois
said-expected = attendu : { $said }
said-once = une fois
said-a-status = un état : true, false, 1, 0, success, ok, completed, failed, failure ou error
said-whole-number = un nombre entier d'octets
said-page-size = une taille de page de { $n } octets
said-archive-format = format d'archive { $n }
said-header = l'en-tête
said-contents-id = une entrée de la table des matières a l'id { $n }
said-data-state = l'état des données d'une entrée est { $n }
said-block-kind = le bloc { $n } est du genre { $kind }
said-data-blocks = ses blocs de données ne sont pas ceux de sa table des matières
said-does-not-unpack = les données compressées de l'entrée { $n } ne se décompressent pas : { $reason }
said-sign = un nombre a le signe { $n }
said-chunk = un morceau de données a la longueur { $n }
said-member-checksum = l'en-tête d'un membre a une somme de contrôle fausse
said-member-size = l'en-tête d'un membre n'a pas de taille lisible
said-data-of-entries = les données de { $n } entrées sur { $total }
said-entry-bytes = { $bytes } octets des données d'une entrée
said-bytes-missing = { $bytes1 } octets sur { $bytes2 }
said-bytes-of = { $bytes } octets de : { $said }
said-more-bytes = d'autres octets
said-offset = un décalage
said-a-byte = un octet
said-definition = un nom ou une définition
said-header-text = le texte d'un en-tête
said-member-data = les données d'un membre
said-sparse-map = la carte d'un membre creux
said-pax-header = un en-tête pax
said-not-known-here = { $kind } : inconnu ici ({ $said })
said-archive-version = version d'archive { $n }
said-version-damaged = la version { $name } est endommagée : { $said }
said-version-gone = la version { $name } a disparu du disque
said-others-damaged = { $said }, et { $n } autres sont endommagées
said-current-is = current_version est { $name }
said-no-undamaged = il n'y a pas de version intacte pour la remplacer
said-no-other = il n'y en a pas d'autre pour la remplacer
said-sums-differ = son { $file } diffère de son report.json
said-sha-was = le SHA-256 de « { $file } » est { $found } et était { $expected } quand elle fut promue
said-sums-line = son { $file } n'est pas une ligne de « sha256sum »
said-names-dump = elle nomme son fichier « { $file } »
said-not-there = « { $file } » n'est pas là
said-has-bytes = « { $file } » a { $bytes1 } octets au lieu de { $bytes2 }
said-no-folder = ce n'est pas un dossier
said-has-no = il lui manque { $file }
said-its-unreadable = son { $file } est illisible : { $reason }
said-speaks-of = son { $file } parle de { $name }
said-short-copy = la copie a { $bytes1 } octets et le fichier vérifié { $bytes2 }, elle n'est donc pas promue
said-until-compared = tant que cela est illisible, rien ne devient absent et rien n'est supprimé : réparez, ou déplacez
said-state-behind = l'état ignorait le dernier passage, comme s'il avait été perdu ou restauré : { $n } versions ont été reprises du disque, { $gone } ont disparu, { $reports } rapports gardés sont jugés à nouveau
said-nothing-removed = rien n'est supprimé lors de ce passage
said-refused = refusé définitivement : { $said }
said-past-deadline = { $n } sauvegardes ont dépassé leur échéance et ne peuvent être jugées, la première est { $job } : des rapports, fichiers ou versions sont illisibles (une erreur d'E/S, un montage périmé ?)
said-log-names = le journal du passage les nomme
said-is = « { $key } » est « { $found } »
said-magic = la marque de son genre
said-rest-of-header = le reste de l'en-tête
said-end-mark = la marque de fin d'archive
said-archive-ends = l'archive finit ou est abîmée
said-the-entry = l'entrée
said-label-is = { $said } est « { $found } »
said-label-unreadable = { $said1 } : illisible ({ $said2 })
