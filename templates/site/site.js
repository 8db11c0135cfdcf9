/* backupmon status site: live ages, staleness, search. No dependency, no request but for the scripts under data/. */
(function(){"use strict";
var D=document,R=D.documentElement,T=JSON.parse(D.getElementById("bm").textContent),root=R.dataset.root||"",lang=R.lang,timeless=!R.dataset.generated;
var made=Date.parse(R.dataset.generated||""),valid=Date.parse(R.dataset.valid||"");
function $(s,r){return(r||D).querySelector(s)}
function all(s,r){return Array.prototype.slice.call((r||D).querySelectorAll(s))}
function fill(t,o){return t.replace(/\{(\w+)\}/g,function(_,n){return o[n]==null?"":o[n]})}
function num(n){return n.toLocaleString(lang)}
function el(n,a,k){var e=/^(svg|path|use)$/.test(n)?D.createElementNS("http://www.w3.org/2000/svg",n):D.createElement(n);
 for(var x in a||{})if(a[x]!=null)e.setAttribute(x,a[x]);
 [].concat(k==null?[]:k).forEach(function(c){e.appendChild(typeof c==="object"?c:D.createTextNode(c))});return e}
function measure(n,u){return fill(T.measure,{number:num(n),unit:u})}
function span(s){var m=Math.max(0,Math.floor(s/60)),h=Math.floor(m/60),d=Math.floor(h/24),u=T.unit;
 if(h<1)return measure(m,u[0]);if(h<10)return measure(h,u[1])+(m%60?" "+measure(m%60,u[0]):"");if(h<48)return measure(h,u[1]);
 if(d<10)return measure(d,u[2])+(h%24?" "+measure(h%24,u[1]):"");return measure(d,u[2])}
function when(ms){var o={weekday:"short",day:"numeric",month:"short",year:"numeric",hour:"2-digit",minute:"2-digit",hour12:false,timeZone:R.dataset.tz};
 try{return new Date(ms).toLocaleString(lang==="en"?"en-GB":lang,o)}catch(e){return new Date(ms).toISOString()}}
function ago(ms){return fill(T.ago,{span:span((Date.now()-ms)/1000)})}
function ages(){all("time[data-a]").forEach(function(t){t.textContent=ago(Date.parse(t.dateTime))})}
/* A page that cannot know must not say green: the verdict itself is withdrawn. */
function banner(text){var b=$("#stale");$("p",b).textContent=text;b.hidden=!text}
function grey(text){R.dataset.fresh="old";var v=$(".ver"),w=$("#wait");if(w)w.hidden=true;if(!v||v.dataset.grey===text)return;v.dataset.grey=text;
 v.className="ver v-unknown";$("svg.i use",v).setAttribute("href","#K");
 all(".clear").forEach(function(c){c.className="clear K";$("use",c).setAttribute("href","#K");c.lastChild.textContent=" "+T.staleHeading});
 if(!timeless&&$(".hero.ov")){$("h1",v).textContent=T.staleHeading;D.title=T.staleHeading+" · "+$(".brand").textContent}
 else if(D.title.charAt(0)!=="?")D.title="? "+D.title;
 var p=el("p",{"class":"since"},text),x=$(".ex",v);x.textContent="";x.appendChild(p);
 $("link[rel=icon]").href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>%3Ccircle cx='8' cy='8' r='8' fill='%2374828e'/>%3C/svg>"}
function judge(){if(isNaN(made))return;var now=Date.now();
 if(now>valid){banner(fill(T.staleText,{span:span((now-made)/1000)}));grey(fill(T.unknownSince,{time:when(made)}))}
 else if(made-now>3e5){banner(T.clockAhead);grey(T.clockAhead)}
 else if(R.dataset.fresh!=="old"){R.dataset.fresh="yes";banner("");var w=$("#wait");if(w)w.hidden=true}}
/* The stamp says when the newest run wrote the site. It is a script, because fetch() fails from file://. The page loads
   anew only when it changed; place and filters stay, for the browser keeps the one and the address the other. */
var auto=true;try{auto=localStorage.getItem("bm-auto")!=="0"}catch(e){}
var ab=$("#auto");
function setAuto(v){auto=v;ab.setAttribute("aria-pressed",String(v));try{localStorage.setItem("bm-auto",v?"1":"0")}catch(e){}}
ab.hidden=false;ab.onclick=function(){setAuto(!auto)};ab.setAttribute("aria-pressed",String(auto));
window.bmStamp=function(s){var at=Date.parse(s.generated_at),w=$("#written");
 if(timeless){var newer=!isNaN(made)&&at>made;made=at;valid=Date.parse(s.valid_until);var t=$("time",w);t.dateTime=s.generated_at;t.textContent=when(at);w.hidden=false;
  if(R.dataset.fresh==="old"&&Date.now()<=valid){location.reload();return}if(newer)renew();judge();return}
 if(at>made)renew()};
function renew(){var a=D.activeElement;if(auto&&!(a&&/INPUT|SELECT/.test(a.tagName)))location.reload();else $("#new").hidden=false}
function script(src,bad){var s=D.createElement("script");s.src=src;s.onload=function(){s.remove()};s.onerror=function(){s.remove();if(bad)bad()};D.head.appendChild(s)}
function poll(){if(D.hidden)return;script(root+"data/stamp.js?"+Math.floor(Date.now()/1e3),function(){if(isNaN(made)){banner(T.stampMissing);grey(T.stampMissing)}})}
ages();judge();if(timeless)poll();
setInterval(function(){ages();judge()},3e4);setInterval(poll,6e4);
D.addEventListener("visibilitychange",function(){if(!D.hidden){ages();judge();poll()}});
all("[data-reload]").forEach(function(b){b.onclick=function(){location.reload()}});
/* Tables stay tables for a screen reader where a small screen shows them as cards. */
all(".r table").forEach(function(t){t.setAttribute("role","table");all("thead,tbody",t).forEach(function(x){x.setAttribute("role","rowgroup")});
 all("tr",t).forEach(function(x){x.setAttribute("role","row")});all("td",t).forEach(function(x){x.setAttribute("role","cell")});
 all("th",t).forEach(function(x){x.setAttribute("role",x.scope==="col"?"columnheader":"rowheader")})});
/* Strips: `S27L2I1` is one path per mark; the server draws the same (charts/strip.rs). */
var G={S:"5h#v5h-#z",U:"7.5h#v2.5h-#z",L:"2h#v8h-#z",F:"0h#v10h-#z",P:"8.6h#v1.4h-#z",I:"0h#v4h-#zm0 6h#v4h-#z",H:"0h#v2h-#zm0 4h#v6h-#z"};
function runs(r,f){r.replace(/(\D)(\d+)/g,function(_,c,n){f(c,+n)})}
function strip(r){var x=0,p={},n={},s;
 runs(r,function(c,k){var d="";n[c]=(n[c]||0)+k;if(G[c])d="M"+x+" "+G[c].replace(/#/g,k);else if(c==="M")for(var i=0;i<k;i++)d+="M"+(x+i)+" 0h.78v10h-.78zm.2 1.3v7.4h.38v-7.4z";
  if(d)p[c]=(p[c]||"")+d;x+=k});
 s=el("svg",{"class":"h",viewBox:"0 0 30 10",preserveAspectRatio:"none",role:"img","data-h":r,"aria-label":fill(T.strip,{said:"HIFMLUSP".split("").filter(function(c){return n[c]}).map(function(c){return T.mark[c]+" "+n[c]}).join(", ")})});
 for(var c in p)s.appendChild(el("path",{"class":c,d:p[c]}));return s}
var tip;
D.addEventListener("pointermove",function(e){var s=e.target.closest&&e.target.closest("svg.h[data-h]"),t=s&&s.closest("[data-day]");if(!t){if(tip)tip.hidden=true;return}
 if(!tip){tip=el("div",{id:"tip","aria-hidden":"true"});D.body.appendChild(tip)}
 var b=s.getBoundingClientRect(),i=Math.max(0,Math.min(29,Math.floor((e.clientX-b.left)/b.width*30))),o="";runs(s.getAttribute("data-h"),function(c,n){o+=c.repeat(n)});
 var d=new Date(Date.parse(t.getAttribute("data-day")+"T00:00:00Z")+(i-29)*864e5);
 tip.textContent=d.toLocaleDateString(lang,{weekday:"short",day:"numeric",month:"short",timeZone:"UTC"})+": "+(T.mark[o.charAt(i)]||"");tip.hidden=false;
 tip.style.left=Math.max(90,Math.min(innerWidth-90,b.left+(i+.5)*b.width/30))+"px";tip.style.top=(b.top-7)+"px"});
/* Agents fold. On a small screen the calm ones begin folded. */
function rowsOf(b){return all("tr[data-s]",b.closest("tbody"))}
function setOpen(b,o){b.setAttribute("aria-expanded",String(o));rowsOf(b).forEach(function(r){r.hidden=!o})}
all(".tw").forEach(function(b){b.hidden=false;if(innerWidth<=860&&!rowsOf(b).some(function(r){return/[LMFIH]/.test(r.getAttribute("data-s"))}))setOpen(b,false);
 b.onclick=function(){setOpen(b,b.getAttribute("aria-expanded")!=="true")}});
/* Filters and order live in the address behind #, so that they survive a reload and can be kept. */
var tools=$("#tools"),list=$("#list"),q=$("#q"),fs=$("#fs"),fa=$("#fa"),out=$("#out"),res=$("#res"),clr=$("#clr"),zero=$("#zero"),ex=$("#exp"),db=null,hits=[],shown=0,loading=false,agent="",order="";
var GROUP={good:"SU",risk:"HDIFM"},RANK="HIFMLNUSPR";
function val(e){return e?e.value:""}
/* Gives whether anything is filtered. */
function save(){var p=[];if(val(q))p.push("q="+encodeURIComponent(q.value));if(val(fs))p.push("s="+fs.value);if(val(fa))p.push("a="+encodeURIComponent(fa.value));
 var on=p.length;if(order)p.push("o="+order);
 try{history.replaceState(null,"",p.length?"#"+p.join("&"):location.pathname+location.search)}catch(e){}
 all(".chip[data-s]").forEach(function(c){c.setAttribute("aria-current",String(c.getAttribute("data-s")===val(fs)))});if(clr)clr.hidden=!on;return on}
function load(){if(q)q.value="";if(fs)fs.value="";if(fa)fa.value="";order="";location.hash.slice(1).split("&").forEach(function(p){var i=p.indexOf("="),k=p.slice(0,i),v;try{v=decodeURIComponent(p.slice(i+1))}catch(e){return}
 if(k==="q"&&q)q.value=v;if(k==="s"&&fs)fs.value=v;if(k==="a"&&fa){fa.value=v;agent=v}if(k==="o"&&/^[sjzgn]-?$/.test(v))order=v})}
function kept(){return/[#&][qsao]=/.test(location.hash)}
/* A column's head orders the jobs of all agents: one way, the other, as it was. What has no value comes last. */
function rank(s){return/H/.test(s)?0:RANK.indexOf(s.charAt(0))}
var collator=new Intl.Collator(lang,{numeric:true});
function sorter(key){var down=order.charAt(1)==="-"?-1:1;return function(x,y){var a=key(x),b=key(y);
 if(a===null||b===null)return(a===null)-(b===null);return down*(typeof a==="string"?collator.compare(a,b):a-b)}}
function cell(r,c){var v=$(c,r).getAttribute("data-v");return v?+v:null}
var OF={s:function(r){return rank(r.getAttribute("data-s"))},j:function(r){return $("bdi",r).textContent},z:function(r){return cell(r,".c-z")},
 g:function(r){var t=$(".c-g time",r);return t?Date.parse(t.dateTime):0},n:function(r){return cell(r,".c-n")}};
var tables=[],rows=[];
function heads(t,arrange){var hs=all("th[data-o]",t);if(!hs.length)return;t.classList.add("srt");
 hs.forEach(function(h){var k=h.getAttribute("data-o"),first=k==="z"?"z-":k,b=el("button",{type:"button","class":"so"},h.textContent);h.textContent="";h.appendChild(b);
  b.onclick=function(){order=order===first?(first===k?k+"-":k):order.charAt(0)===k?"":first;save();draw()}});
 tables.push(function(){hs.forEach(function(h){if(h.getAttribute("data-o")!==order.charAt(0))h.removeAttribute("aria-sort");else h.setAttribute("aria-sort",order.charAt(1)?"descending":"ascending")});if(arrange)arrange()})}
/* Rows that stand on the page: in order, they leave their agents and name them. */
function flatten(t,rows){var flat;return function(){t.classList.toggle("flat",!!order);if(ex)ex.hidden=!!order;
 if(!order){if(flat)rows.forEach(function(x){x.home.appendChild(x.r)});return}
 if(!flat){flat=t.appendChild(el("tbody",{role:"rowgroup"}));rows.forEach(function(x){var a=x.home.getAttribute("data-a");if(a)$(".c-j",x.r).appendChild(el("small",{"class":"of"},el("bdi",null,a)))})}
 var key=OF[order.charAt(0)],by=sorter(function(x){return key(x.r)});rows.slice().sort(by).forEach(function(x){flat.appendChild(x.r);x.r.hidden=false})}}
function draw(){tables.forEach(function(arrange){arrange()});if(tools)run()}
all("table.tb").forEach(function(t){var own=all("tr[data-s]",t).map(function(r){return{r:r,home:r.parentNode}});if(t===list)rows=own;heads(t,t.parentNode===res?null:flatten(t,own))});
if(!tools){if(kept()){load();draw()}return}
tools.hidden=false;
tools.onsubmit=function(e){e.preventDefault()};
function words(){return q.value.toLowerCase().split(/\s+/).filter(Boolean)}
/* A held backup is at risk, whatever its status; one that is not watched is not. */
function fits(letters,want,group){if(!want)return true;if(group==="risk"&&letters.indexOf("x")>=0)return false;if(/[HD]/.test(letters))letters=letters.replace(/[SULN]/g,"");for(var i=0;i<letters.length;i++)if(want.indexOf(letters.charAt(i))>=0)return true;return false}
function want(){var v=val(fs);return GROUP[v]||v}
var groups=all("tbody",list);
function runStatic(){var on=save(),w=words(),s=want(),g=val(fs),a=val(fa),n=0,found=new Map(),co=null;
 rows.forEach(function(x){var b=x.home,t=(b.getAttribute("data-q")||"")+" "+x.r.getAttribute("data-q"),tw=$(".tw",b),
   ok=(!a||a===b.getAttribute("data-a"))&&fits(x.r.getAttribute("data-s"),s,g)&&w.every(function(i){return t.indexOf(i)>=0});
  if(ok){n++;found.set(b,true)}x.r.hidden=on?!ok:!order&&!!tw&&tw.getAttribute("aria-expanded")!=="true"});
 groups.forEach(function(b){if(b.className==="cob"){co=b;b.hidden=!!on;return}b.hidden=!!on&&!found.has(b);if(!b.hidden&&co)co.hidden=false});
 zero.hidden=n>0||!rows.length;out.textContent=fill(T.shown||"",{n:num(n),total:num(rows.length)})}
/* A large fleet: the list is loaded in pieces, when somebody searches. */
window.bmJobs=function(o){db={left:o.pieces.length,rows:[],agents:[],has:{}};if(!db.left)done();o.pieces.forEach(function(p){script(root+"data/"+p+"?"+made,failed)})};
window.bmPiece=function(nth,agents){if(!db||db.has[nth])return;db.has[nth]=true;agents.forEach(function(a){var at=db.agents.push(a[0])-1,bt=(a[0]+" "+a[1]).toLowerCase();
  a[3].split("\n").forEach(function(l){if(!l)return;var f=l.split("\t");db.rows.push({a:at,n:f[0],id:a[2]+f[1],s:f[2],h:f[3],z:f[4]?+f[4]:0,g:f[5]?+f[5]*6e4:0,k:bt+" "+f[0].toLowerCase()})})});
 if(!--db.left)done()};
function failed(){loading=false;db=null;out.textContent=T.loadError}
var LOADED={s:function(j){return rank(j.s)},j:function(j){return j.n},z:function(j){return j.z||null},g:function(j){return j.g}};
function done(){db.rows.sort(function(x,y){return rank(x.s)-rank(y.s)||x.g-y.g});db.ready=true;
 db.agents.slice().sort().forEach(function(n){fa.appendChild(el("option",{value:n},n))});if(agent)fa.value=agent;runLoaded()}
function need(){if(db||loading)return;loading=true;out.textContent=T.loading;script(root+"data/jobs.js?"+made,failed)}
function size(b){if(!b)return"–";if(b<1000)return measure(b,T.bytes[0]);var i=0;while(b>=999.95&&i<5){b/=1000;i++}return fill(T.measure,{number:b.toFixed(1).replace(".",T.decimal),unit:T.bytes[i]})}
function page(){var f=D.createDocumentFragment(),to=Math.min(hits.length,shown+100);
 for(;shown<to;shown++){var j=hits[shown],c=j.s.charAt(0);
  f.appendChild(el("tr",{"data-s":j.s,role:"row"},[
   el("td",{"class":"c-s",role:"cell"},[badge(c,c,T.status[/c/.test(j.s)?"C":c])].concat(/H/.test(j.s)?[" ",badge("F","risk",T.held)]:[],j.s.split("").reduce(function(all,c){return T.beside[c]?all.concat(" ",badge("P","eye",T.beside[c])):all},[]))),
   el("th",{scope:"row","class":"c-j",role:"rowheader"},[el("a",{href:"jobs/"+j.id+".html"},el("bdi",null,j.n)),el("small",{"class":"m"},el("bdi",null,db.agents[j.a]))]),
   el("td",{"class":"c-h",role:"cell"},el("span",{"class":"hb"},strip(j.h))),
   el("td",{"class":"c-z",role:"cell"},[el("span",{"class":"lg"},T.size),el("span",null,size(j.z))]),
   el("td",{"class":"c-g",role:"cell"},[el("span",{"class":"lg"},T.lastGood),j.g?ago(j.g):T.none])]))}
 $("tbody",res).appendChild(f);var m=$("#more");m.hidden=shown>=hits.length;$("button",m).textContent=fill(T.more,{n:num(Math.min(100,hits.length-shown))});
 out.textContent=fill(T.shown,{n:num(shown),total:num(hits.length)})}
function badge(look,icon,word){return el("span",{"class":"b "+look},[el("svg",{"class":"i","aria-hidden":"true"},el("use",{href:"#"+icon})),word])}
function runLoaded(){var on=save();list.hidden=!!on;res.hidden=!on;if(!on){zero.hidden=true;out.textContent=num(T.total);return}
 if(!db||!db.ready){need();return}
 var w=words(),s=want(),g=val(fs),a=val(fa);hits=db.rows.filter(function(j){return(!a||db.agents[j.a]===a)&&fits(j.s,s,g)&&w.every(function(x){return j.k.indexOf(x)>=0})});
 var key=LOADED[order.charAt(0)];if(key)hits.sort(sorter(key));
 $("tbody",res).textContent="";shown=0;zero.hidden=hits.length>0;page()}
var run=res?runLoaded:runStatic,timer;
q.oninput=function(){clearTimeout(timer);timer=setTimeout(run,60)};if(fs)fs.onchange=run;if(fa)fa.onchange=run;
if(res){q.onfocus=need;fa.onfocus=need;$("#more button").onclick=page}
if(clr)clr.onclick=function(){q.value="";fs.value="";fa.value="";agent="";run();q.focus()};
all(".chip[data-s]").forEach(function(c){c.onclick=function(e){e.preventDefault();var v=c.getAttribute("data-s");fs.value=fs.value===v?"":v;run();$("#jobs").scrollIntoView()}});
D.addEventListener("keydown",function(e){if(e.key==="/"&&!/INPUT|SELECT|TEXTAREA/.test(D.activeElement.tagName)&&!e.ctrlKey&&!e.metaKey&&!e.altKey){e.preventDefault();q.focus();q.select()}
 else if(e.key==="Escape"&&D.activeElement===q){q.value="";run()}});
if(ex){ex.hidden=false;ex.onclick=function(){var o=ex.getAttribute("aria-pressed")!=="true";ex.setAttribute("aria-pressed",String(o));all(".tw").forEach(function(b){setOpen(b,!o)});if(save())run()}}
if(kept())load();draw();
addEventListener("hashchange",function(){if(kept()){load();draw()}});
})();
